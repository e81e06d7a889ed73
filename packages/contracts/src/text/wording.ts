/** How messages to people write counts, money, durations and quoted text. */
import { formatUsd, parseUsd, type Usd } from '@setlist/polly';

const LONGEST_QUOTE = 60;

/** Made when it is first needed: loading its locale takes 20 ms, which every process would spend at its start. */
let grouping: Intl.NumberFormat | undefined;

/** `2,233`. */
export function grouped(count: number): string {
  grouping ??= new Intl.NumberFormat('en-US');
  return grouping.format(count);
}

/** `1 item`, `2,233 items`; an irregular plural is passed as `many`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** `$12.50`, `$0.0046`; an amount with more decimals than `Usd` holds is shown unchanged. */
export function dollars(amount: Usd | string): string {
  if (typeof amount === 'string' && !/^\d+(\.\d{1,12})?$/.test(amount)) return `$${amount}`;
  return `$${formatUsd(typeof amount === 'string' ? parseUsd(amount) : amount)}`;
}

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** A duration in its two largest units, with tenths below ten seconds: `0.8 s`, `12 min 3 s`, `1 h`, `0 s`. */
export function duration(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100));
  if (tenths < 100) return `${tenths / 10} s`;
  let rest = Math.round(ms / 1_000);
  const first = UNITS.findIndex(({ seconds }) => seconds <= rest);
  const parts = UNITS.slice(first, first + 2).map(({ name, seconds }) => {
    const amount = Math.floor(rest / seconds);
    rest -= amount * seconds;
    return amount === 0 ? [] : [`${amount} ${name}`];
  });
  return parts.flat().join(' ');
}

/** A word of a command line, quoted where the shell would misread it. Quotes don't keep `-x` from being an option. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Characters that are invisible, or look like a plain space. Joiners within a text are left: some scripts need them.
 */
const UNSEEN = /[[\p{Cc}\p{Cf}\p{Z}]--[ \u200c\u200d]]|(?<=^")[\u200c\u200d]/gv;

/** A text as messages show it: quoted, invisible characters escaped, cut to a readable length. */
export function quote(text: string): string {
  // Split only as much as can be shown: a character takes at most two UTF-16 units.
  const characters = [...text.slice(0, 2 * LONGEST_QUOTE + 2)];
  const isLong = characters.length > LONGEST_QUOTE;
  const shown = isLong ? `${characters.slice(0, LONGEST_QUOTE).join('')}…` : text;
  return JSON.stringify(shown).replace(UNSEEN, escaped);
}

/** A character as JSON escapes it, one UTF-16 code unit at a time. */
const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
