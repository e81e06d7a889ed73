/** Where snapshots are kept: the longer the log, the further apart, so that about fifty suffice at any length. */

/** Number of events between the snapshots of a short log. */
export const EVENTS_BETWEEN_SNAPSHOTS = 5_000;

export interface Spacing {
  /** The least number of events between two snapshots. */
  readonly every: number;
  /** The log's last sequence. */
  readonly lastSeq: number;
}

/** The most snapshots of one log, since each holds all sets. A look then folds 20,000 of a million events, in 0.5 s. */
const MOST = 50;

/**
 * Whether a snapshot is kept at a sequence. As the log grows, places are dropped and never added, so a deleted snapshot
 * is never needed again.
 */
export function isWorthKeeping(seq: number, { every, lastSeq }: Spacing): boolean {
  const apart = 2 ** Math.max(0, Math.ceil(Math.log2(lastSeq / every / MOST)));
  return seq % (every * apart) === 0;
}
