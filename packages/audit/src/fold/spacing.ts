/** Where snapshots lie: the older, the further apart, so that a few dozen serve a log of any length. */

/** How many events lie between the newest snapshots. */
export const EVENTS_BETWEEN_SNAPSHOTS = 5_000;

export interface Spacing {
  /** How many events lie between the newest snapshots. */
  readonly every: number;
  /** The log's last sequence. */
  readonly lastSeq: number;
}

/** The age of a snapshot by its distance to the next, at the least; twice as many of the newest lie side by side. */
const AGE_BY_DISTANCE = 8;

/**
 * Whether a snapshot has its place at a sequence: they lie apart by an eighth of their age at the most. As the log grows,
 * fewer places are left and none is added, so that what was deleted is never missed.
 */
export function isWorthKeeping(seq: number, { every, lastSeq }: Spacing): boolean {
  const age = (lastSeq - seq) / every;
  const apart = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, age) / AGE_BY_DISTANCE)));
  return seq % (every * apart) === 0;
}
