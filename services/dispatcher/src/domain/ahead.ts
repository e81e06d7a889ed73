/** How many items are taken before they are paid: enough that payment never waits, and never more than memory holds. */

/** The most lanes that each get the full number; more lanes share what these would hold. */
const LANES_IN_FULL = 32;
/** The fewest items per lane: with fewer, nearly every item would cost a request for more. */
const LEAST = 8;

/** How many items to take per lane, given the wanted number and the number of open lanes. */
export function aheadOfEach(ahead: number, lanes: number): number {
  const share = Math.floor((ahead * LANES_IN_FULL) / Math.max(1, lanes));
  return Math.min(ahead, Math.max(LEAST, share));
}

/**
 * How many items one replica takes of a lane of which it has settled so many: few at first, so that replicas share a
 * set which one of them could hold whole; the full number soon, since each settled item makes room for one more.
 */
export function aheadSoFar(ahead: number, settled: number): number {
  return Math.min(ahead, LEAST + settled);
}
