/** Files that several runs write: of the runs that completed a file, it belongs to the one accepted last. */
import type { FilesPlace, ItemAttempt } from '@setlist/contracts';

/** Where a run's files land, and its place among the runs. */
export interface RunPlace extends FilesPlace {
  readonly setId: string;
  /** Sequence of its `SetAccepted`. */
  readonly acceptedSeq: number;
}

/** A completed item of a run. */
export interface Completion extends Pick<ItemAttempt, 'set' | 'index'> {
  /** Sequence of its run's `SetAccepted`. */
  readonly acceptedSeq: number;
  readonly hash: string;
  readonly sha256: string;
}

/** A file that two runs completed with different audio. */
export interface Contest {
  readonly file: string;
  readonly owner: Completion;
  /** The completion whose audio the file holds if the earlier run wrote after the later one. */
  readonly other: Completion;
}

export class FileOwners {
  readonly #owners = new Map<string, Completion>();

  /** Notes a completion, in any order. @returns the contest to settle, if there is one */
  completed(file: string, completion: Completion): Contest | undefined {
    const known = this.#owners.get(file);
    const isOwner = known === undefined || completion.acceptedSeq >= known.acceptedSeq;
    if (isOwner) this.#owners.set(file, completion);
    if (known === undefined || known.sha256 === completion.sha256) return undefined;
    return isOwner ? { file, owner: completion, other: known } : { file, owner: known, other: completion };
  }

  /** Whether the file belongs to a run that was accepted later. */
  isTaken(file: string, acceptedSeq: number): boolean {
    return (this.#owners.get(file)?.acceptedSeq ?? 0) > acceptedSeq;
  }
}
