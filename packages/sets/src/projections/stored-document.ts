/** One projection in memory, and what is known of its copy in the bucket, which never goes back in time. */
import { type Documents, DocumentUnreadable } from '@setlist/eventlog';
import { ProjectionsLost, ProjectionsWentBack } from './projections-lost.ts';

/** The field of every projection that says how far it has been folded. */
interface Folded {
  readonly lastSeq: number;
}

/** The copy in the bucket, as last seen. */
interface Copy {
  readonly revision: number;
  readonly seq: number;
}

const NO_COPY: Copy = { revision: 0, seq: 0 };

export class StoredDocument<T extends Folded> {
  readonly key: string;
  /** The newest value; missing until there is one. */
  value: T | undefined;
  #copy = NO_COPY;
  readonly #bucket: Documents;

  constructor(bucket: Documents, key: string) {
    this.#bucket = bucket;
    this.key = key;
  }

  get seq(): number {
    return this.value?.lastSeq ?? 0;
  }

  /** Whether the bucket has exactly this value, so that it can be dropped from memory. */
  get isKept(): boolean {
    return this.#copy.seq === this.seq;
  }

  /** Whether this value includes events that the bucket's copy does not. */
  get isNewer(): boolean {
    return this.#copy.seq < this.seq;
  }

  /** Takes the bucket's value if it is newer. @throws ProjectionsLost where it can't be read, as `write` does */
  async read(): Promise<void> {
    const stored = await this.#look();
    if (stored && stored.lastSeq > this.seq) this.value = stored;
  }

  /**
   * Stores the current value or an earlier one, unless the bucket is already as far: another tracker folds the same log
   * to the same value.
   * @throws ProjectionsWentBack where the bucket is behind what had been seen there; nothing is written then
   */
  async write(value: T): Promise<void> {
    while (this.#copy.seq < value.lastSeq) {
      const seen = this.#copy;
      const revision = await this.#bucket.replace(this.key, value, seen.revision);
      if (revision !== undefined) this.#copy = { revision, seq: value.lastSeq };
      else {
        await this.#look();
        // Written anyway, the document would get among those that another tracker is rebuilding.
        if (this.#copy.seq < seen.seq)
          throw new ProjectionsWentBack(`${this.key} went back: the projections were deleted`);
      }
    }
  }

  /** Asks the leader: records folded into an older copy would make a document that the log doesn't yield. */
  async #look(): Promise<T | undefined> {
    try {
      const stored = await this.#bucket.getAtLeader<T>(this.key);
      // It may have been written by something else: it can be any JSON.
      if (stored && !Number.isInteger(stored.value?.lastSeq))
        throw new ProjectionsLost(`${this.key} does not say how far it was folded`);
      this.#copy = stored ? { revision: stored.revision, seq: stored.value.lastSeq } : NO_COPY;
      return stored?.value;
    } catch (error) {
      if (!(error instanceof DocumentUnreadable)) throw error;
      throw new ProjectionsLost(error.message, { cause: error });
    }
  }
}
