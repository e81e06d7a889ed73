/** How counts, money, times and other people's words stand in what is said to people, wherever it is said. */
import { formatUsd, parseUsd, type Usd } from '@setlist/polly';

const GROUPED = new Intl.NumberFormat('en-US');
const LONGEST_QUOTE = 60;

/** `2,233`. */
export const grouped = (count: number): string => GROUPED.format(count);

/** `1 item`, `2,233 items`; a noun whose plural isn't its singular and an s brings its own. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** `$12.50`, `$0.0046`; an amount finer than can be reckoned with stands as it is. */
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

/** A length of time in its two largest units, below ten seconds with a tenth: `0.8 s`, `12 min 3 s`, `1 h`, `0 s`. */
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

/** A word of a command line, quoted where a shell, or the command, would read anything else into it. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * What looks like nothing, or like the blank that it is not. The joiners within a text are left: they belong to the
 * spelling of some scripts.
 */
const UNSEEN = /[[\p{Cc}\p{Cf}\p{Z}]--[ \u200c\u200d]]|(?<=^")[\u200c\u200d]/gv;

/** A text as a message shows it: quoted, what can't be seen escaped, cut to a readable length. */
export function quote(text: string): string {
  // No more of it is taken apart than can be shown: a character takes two units at most.
  const characters = [...text.slice(0, 2 * LONGEST_QUOTE + 2)];
  const isLong = characters.length > LONGEST_QUOTE;
  const shown = isLong ? `${characters.slice(0, LONGEST_QUOTE).join('')}…` : text;
  return JSON.stringify(shown).replace(UNSEEN, escaped);
}

/** As JSON escapes a character: each of its UTF-16 code units. */
const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
