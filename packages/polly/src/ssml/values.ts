/** The values that Polly accepts in SSML attributes: one rule per kind, with a description of what it expects. */
import { LANGUAGES } from '../languages.ts';
import { LIMITS } from '../quotas.ts';

export type ValueRule = {
  accepts(value: string): boolean;
  /** Completes the sentence "Write …". */
  readonly expects: string;
};

const DURATION = /^\+?(\d+(?:\.\d*)?|\.\d+)(ms|s)$/;
const PERCENTAGE = /^([+-]?)(\d+(?:\.\d+)?)%$/;
const DECIBELS = /^[+-]\d+(?:\.\d+)?dB$/;

export const anyText: ValueRule = { accepts: (value) => value.trim() !== '', expects: 'some text' };

export const language: ValueRule = {
  accepts: (value) => Object.hasOwn(LANGUAGES, value),
  expects: 'one of Polly’s language codes, such as `fr-FR`',
};

export function oneOf(...names: readonly string[]): ValueRule {
  return { accepts: (value) => names.includes(value), expects: `one of ${quoteAll(names)}` };
}

/** A time such as `500ms` or `1.5s` in milliseconds; undefined for anything else. */
export function millisecondsOf(time: string): number | undefined {
  const match = DURATION.exec(time);
  return match === null ? undefined : Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

/** A time of at most `limitMs`. */
function duration(limitMs: number, expects: string): ValueRule {
  return {
    accepts(value) {
      const milliseconds = millisecondsOf(value);
      return milliseconds !== undefined && milliseconds <= limitMs;
    },
    expects,
  };
}

export const pause = duration(
  LIMITS.breakMs,
  'seconds or milliseconds up to 10 s, such as `500ms` or `1.5s`; for a longer pause, several breaks in a row',
);

export const maxDuration = duration(
  Number.POSITIVE_INFINITY,
  'seconds or milliseconds, such as `2s` or `2400ms`',
);

const VOLUMES = ['default', 'silent', 'x-soft', 'soft', 'medium', 'loud', 'x-loud'];

export const volume: ValueRule = {
  accepts: (value) => VOLUMES.includes(value) || DECIBELS.test(value),
  expects: `one of ${quoteAll(VOLUMES)}, or a change such as \`+6dB\` or \`-6dB\``,
};

const RATES = ['default', 'x-slow', 'slow', 'medium', 'fast', 'x-fast'];

/** Polly documents 20 to 200 %, and -80 % as the lowest change, which is the same. */
export const rate: ValueRule = {
  accepts(value) {
    if (RATES.includes(value)) return true;
    const match = PERCENTAGE.exec(value);
    if (match === null) return false;
    const amount = Number(match[2]);
    if (match[1] === '-') return amount <= 80;
    return match[1] === '+' ? amount <= 100 : amount >= 20 && amount <= 200;
  },
  expects: `one of ${quoteAll(RATES)}, or a percentage from \`20%\` to \`200%\``,
};

const PITCHES = ['default', 'x-low', 'low', 'medium', 'high', 'x-high'];

export const pitch: ValueRule = {
  accepts: (value) => PITCHES.includes(value) || (PERCENTAGE.exec(value)?.[1] ?? '') !== '',
  expects: `one of ${quoteAll(PITCHES)}, or a change such as \`+5%\` or \`-10%\``,
};

/** Values outside -50 % to +100 % are clipped by Polly, not refused. */
export const tractLength: ValueRule = {
  accepts: (value) => PERCENTAGE.test(value),
  expects: 'a percentage such as `+15%`, `-10%` or `110%`',
};

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
