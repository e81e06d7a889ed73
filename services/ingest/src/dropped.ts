/** The port to wherever set files are dropped: what becomes of one is the same for a folder and for a bucket. */

import type { LocalFile, RunOptions } from '@setlist/admission';
import type { EventOf } from '@setlist/contracts';
import type { Problem } from '@setlist/set-file';

/** A set file that was claimed: it is ours until it is done with, over every crash. */
export interface Dropped {
  readonly run: string;
  /** As it was dropped; its ending says what it is. */
  readonly fileName: string;
  readonly options: RunOptions;
  /** Where the user knows it by. */
  readonly uri: string;
  /**
   * The file on this machine, with its hash unless it is too large to be a set file; nothing if it is gone: another
   * replica has dealt with it.
   */
  look(): Promise<LocalFile | undefined>;
  /**
   * Its set is asked for whole: what was let through with a warning is said beside it, and a report on an earlier drop
   * that lies there says so. May be called again.
   */
  accepted(because: EventOf<'SetAccepted'>, warnings: readonly Problem[]): Promise<void>;
  /** It was refused: the report goes beside it. May be called again. */
  refused(because: EventOf<'SetRejected'>): Promise<void>;
}
