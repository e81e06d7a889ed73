/** How moments and other people's words are written in a message. */

export const isNothing = (amount: string): boolean => /^0+(\.0+)?$/.test(amount);

/** A moment in UTC, to the second: `2026-11-22 20:50:12 UTC`. */
export const moment = (instant: string): string =>
  `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

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
