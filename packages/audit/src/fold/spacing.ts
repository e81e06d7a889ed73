/** Where snapshots lie: the longer the log, the further apart, so that some fifty serve one of any length. */

/** How many events lie between the snapshots of a short log. */
export const EVENTS_BETWEEN_SNAPSHOTS = 5_000;

export interface Spacing {
  /** How many events lie between two snapshots at the least. */
  readonly every: number;
  /** The log's last sequence. */
  readonly lastSeq: number;
}

/** Of one log at the most: each holds all sets, and of a million events a look then folds 20,000, half a second's. */
const MOST = 50;

/**
 * Whether a snapshot has its place at a sequence. As the log grows, fewer places are left and none is added, so that what was
 * deleted is never missed.
 */
export function isWorthKeeping(seq: number, { every, lastSeq }: Spacing): boolean {
  const apart = 2 ** Math.max(0, Math.ceil(Math.log2(lastSeq / every / MOST)));
  return seq % (every * apart) === 0;
}
