/** How messages write times and users' words. */

export const isNothing = (amount: string): boolean => /^0+(\.0+)?$/.test(amount);

/** A time in UTC, to the second: `2026-11-22 20:50:12 UTC`. */
export const moment = (instant: string): string =>
  `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Control characters, and ones that change text direction: they could make a message say something else. */
const UNSAFE = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;
const BLANKS = /[\t\r\n]+/g;

/** Users' words as one harmless line: no line breaks, no control characters, no overridden direction. */
export const harmless = (text: string): string => text.replace(BLANKS, ' ').replace(UNSAFE, '\ufffd');

/** Cuts to at most this many characters, without splitting one. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
