/**
 * Browsers draw nothing higher than some 33 million pixels. A list whose rows are more scrolls through less, and its rows go
 * by the faster: with the same share of the way scrolled, the same share of them has gone by.
 */
const MOST_PX = 15_000_000;

/** What is scrolled through for rows of this height together. */
export const scrolledPx = (rowsPx: number): number => Math.min(rowsPx, MOST_PX);

/** By how much rows go by with each pixel that is scrolled, where so much of them is in sight. */
export const paceOf = (rowsPx: number, inSightPx: number): number =>
  rowsPx <= MOST_PX ? 1 : (rowsPx - inSightPx) / (MOST_PX - inSightPx);
