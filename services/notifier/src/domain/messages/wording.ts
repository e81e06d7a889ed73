/** How messages write times, items by outcome, and users' words. */
import { grouped } from '@setlist/contracts';
import type { Segment } from './letter.ts';

export const isNothing = (amount: string): boolean => /^0+(\.0+)?$/.test(amount);

/** A time in UTC, to the second: `2026-11-22 20:50:12 UTC`. */
export const moment = (instant: string): string =>
  `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `4 paid for, 2 reused`. */
export const outcomes = (segments: readonly Segment[]): string =>
  segments.map(({ count, label }) => `${grouped(count)} ${label}`).join(', ');

/** Control characters, and ones that change text direction: they could make a message say something else. */
const UNSAFE = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;
const BLANKS = /[\t\r\n]+/g;

/** Users' words as one harmless line: no line breaks, no control characters, no overridden direction. */
export const harmless = (text: string): string => text.replace(BLANKS, ' ').replace(UNSAFE, '\ufffd');

const ELLIPSIS = '…';

/** Cuts to at most this many UTF-16 units, between characters; vendors count characters, which are never more. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  let cut = '';
  for (const character of text) {
    if (cut.length + character.length > most - ELLIPSIS.length) break;
    cut += character;
  }
  return cut + ELLIPSIS;
}
