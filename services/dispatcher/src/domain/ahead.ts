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

/** How many times `ahead` can be held, counting items being paid or waiting, before no more work is taken. */
const HELD_FACTOR = 16;

/** How many more to take; 0 until half of the items that may be resolving or wait for a call are gone. */
export function roomFor(items: {
  readonly ahead: number;
  /** How many of the set have been settled here. */
  readonly settled: number;
  readonly held: number;
  /** How many of those held hold up the ones behind them. */
  readonly queued: number;
}): number {
  const now = aheadSoFar(items.ahead, items.settled);
  const room = Math.min(now - items.queued, items.ahead * HELD_FACTOR - items.held);
  return room < now / 2 ? 0 : room;
}
