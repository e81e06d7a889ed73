/** How money, moments and other people's words are written in a message. */
import { formatUsd, parseUsd } from '@setlist/polly';

/** An amount of dollars as events carry it, for people: `$0.40`, `$0.0046`. */
export const dollars = (amount: string): string =>
  `$${/^\d+(\.\d{1,12})?$/.test(amount) ? formatUsd(parseUsd(amount)) : amount}`;

export const isNothing = (amount: string): boolean => /^0+(\.0+)?$/.test(amount);

/** A moment in UTC, to the second: `2026-11-22 20:50:12 UTC`. */
export const moment = (instant: string): string =>
  `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** A length of time in its two largest units: `12 min 3 s`, `1 h`, `0 s`. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1_000));
  const first = UNITS.findIndex(({ seconds }) => seconds <= total);
  if (first === -1) return '0 s';
  let rest = total;
  const parts = UNITS.slice(first, first + 2).map(({ name, seconds }) => {
    const amount = Math.floor(rest / seconds);
    rest -= amount * seconds;
    return { name, amount };
  });
  return parts.flatMap(({ name, amount }) => (amount === 0 ? [] : [`${amount} ${name}`])).join(' ');
}

/** Controls, and what turns the direction of the text around it: they could make a message say something else. */
const UNSAFE = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;
const BLANKS = /[\t\r\n]+/g;

/** Other people's words as one harmless line: no line breaks, no controls, no overridden direction. */
export const harmless = (text: string): string => text.replace(BLANKS, ' ').replace(UNSAFE, '\ufffd');

/** At most so many characters, whole ones. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** A word of a command line, quoted where a shell would read anything else into it. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
