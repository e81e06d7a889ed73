/** The lengths of the pauses in a text, in milliseconds. */
import { LIMITS } from '@setlist/polly';

/** The pause between sentences: espeak adds none, since it gets one sentence at a time. */
export const BETWEEN_SENTENCES_MS = 320;
export const BETWEEN_PARAGRAPHS_MS = 700;

const STRENGTHS: Readonly<Record<string, number>> = {
  none: 0,
  'x-weak': 0,
  weak: 150,
  medium: 150,
  strong: BETWEEN_SENTENCES_MS,
  'x-strong': BETWEEN_PARAGRAPHS_MS,
};

/** The pause of a [`strength`](https://docs.aws.amazon.com/polly/latest/dg/break-tag.html): medium is a comma's, strong a sentence's, x-strong a paragraph's. */
export function strengthMs(strength = 'medium'): number {
  return STRENGTHS[strength] ?? STRENGTHS.medium ?? 0;
}

/** Reads `1.5s` or `300ms`, capped at Polly's 10 seconds; 0 for anything else. */
export function breakMs(time: string): number {
  const match = /^\+?(\d*\.?\d+)(ms|s)$/.exec(time.trim());
  if (!match) return 0;
  return Math.min(LIMITS.breakMs, Math.round(Number(match[1]) * (match[2] === 's' ? 1000 : 1)));
}
