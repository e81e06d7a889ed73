/** How much work is taken ahead of being paid: enough that nobody waits for it, and never more than memory holds. */

/** So many lanes are taken from in full; more of them share what these would hold. */
const LANES_IN_FULL = 32;
/** Fewer at once would cost nearly every item a request for more. */
const LEAST = 8;

/** Pieces of each lane, where `ahead` are wanted and so many lanes are open. */
export function aheadOfEach(ahead: number, lanes: number): number {
  const share = Math.floor((ahead * LANES_IN_FULL) / Math.max(1, lanes));
  return Math.min(ahead, Math.max(LEAST, share));
}
