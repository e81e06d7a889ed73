/** The port to the places where set files are dropped: folders and buckets are processed in the same way. */

import type { LocalFile, RunOptions } from '@setlist/admission';
import type { EventOf } from '@setlist/contracts';
import type { Problem } from '@setlist/set-file';

/** A claimed set file. The claim lasts until the file is done, and survives crashes. */
export interface Dropped {
  readonly run: string;
  /** The name it was dropped under; its extension says what it is. */
  readonly fileName: string;
  readonly options: RunOptions;
  /** The address by which the user knows it. */
  readonly uri: string;
  /**
   * The file on this machine, with its hash unless it is too large to be a set file; undefined if it is gone, since
   * another replica has processed it.
   */
  look(): Promise<LocalFile | undefined>;
  /** Whether a later upload has taken its place. */
  isReplaced(): Promise<boolean>;
  /**
   * Called when all items of its set are requested: writes the warnings beside the file, and replaces a report on an
   * earlier drop there by a note of the acceptance. Can be repeated.
   */
  accepted(because: EventOf<'SetAccepted'>, warnings: readonly Problem[]): Promise<void>;
  /** Called when it is refused: writes the report beside the file, unless a newer one is there. Can be repeated. */
  refused(because: EventOf<'SetRejected'>): Promise<void>;
}
