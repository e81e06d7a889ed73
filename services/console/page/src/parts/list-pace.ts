/**
 * Browsers limit an element's height to about 33 million pixels. A list with taller content has a shorter scroll range,
 * and its rows move faster than the scrollbar: half the range still scrolls through half the rows.
 */
const MOST_PX = 15_000_000;

/** Height of the scroll range for rows with this total height. */
export const scrolledPx = (rowsPx: number): number => Math.min(rowsPx, MOST_PX);

/** How many pixels the rows move per scrolled pixel, in a viewport of this height. */
export const paceOf = (rowsPx: number, inSightPx: number): number =>
  rowsPx <= MOST_PX ? 1 : (rowsPx - inSightPx) / (MOST_PX - inSightPx);
