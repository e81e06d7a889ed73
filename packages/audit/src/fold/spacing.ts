/** Where snapshots are kept: the longer the log, the further apart, so that a hundred suffice at any length. */

/** Number of events between the snapshots of a short log. */
export const EVENTS_BETWEEN_SNAPSHOTS = 5_000;

export interface Spacing {
  /** The least number of events between two snapshots. */
  readonly every: number;
  /** The log's last sequence. */
  readonly lastSeq: number;
}

/**
 * The most snapshots of one log, since each holds all sets. A look at a log of a million events then folds 10,000 of
 * them at the most, or 20,000 if there are a few more, which takes 0.4 to 0.9 s.
 */
const MOST = 100;

/**
 * Whether a snapshot is kept at a sequence. As the log grows, places are dropped and never added, so a deleted snapshot
 * is never needed again.
 */
export function isWorthKeeping(seq: number, { every, lastSeq }: Spacing): boolean {
  const apart = 2 ** Math.max(0, Math.ceil(Math.log2(lastSeq / every / MOST)));
  return seq % (every * apart) === 0;
}
