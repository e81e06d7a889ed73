/** Checks whether the audio of paid sounds is in the store, since missing audio is paid for again. */
import { AUDIO_PREFIX, type Digest, DigestTable, digestOf } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { ifThere, type ObjectStore } from '@setlist/storage';

/** The audio that a payment names. */
export interface PaidAudio {
  /** Sequence of the payment. */
  readonly seq: number;
  readonly object: string;
  readonly bytes: number;
}

/** Number of sounds to look up singly before listing: a list's page has a thousand keys, a store maybe a million. */
const LOOKED_UP_SINGLY = 500;

interface Listing {
  /** Each object with its size. */
  readonly objects: DigestTable;
  /** Audio paid for after this sequence may not be in the listing. */
  readonly upToSeq: number;
}

/**
 * The audio of one store, for one plan or one set at the door. An object of the size that was paid for counts as
 * stored, without reading it. The first missing object is read, since only a read distinguishes a missing object from a
 * missing store. After the first few hundred lookups a bucket is listed, once; a million objects take 34 MB of memory.
 */
export class StoredAudio {
  readonly #store: Pick<ObjectStore, 'uri' | 'head' | 'read' | 'list'>;
  readonly #log: Pick<EventLog, 'head'>;
  #looks = 0;
  #listing: Promise<Listing> | undefined;
  /** The read of the first missing object. */
  #missed: Promise<void> | undefined;

  constructor(store: Pick<ObjectStore, 'uri' | 'head' | 'read' | 'list'>, log: Pick<EventLog, 'head'>) {
    this.#store = store;
    this.#log = log;
  }

  /** @throws StoreError */
  async holds(audio: PaidAudio): Promise<boolean> {
    // Listing a folder costs a lookup of each file too, and sorts the names in memory.
    if (this.#store.uri.startsWith('file:')) return this.#lookUp(audio);
    if (this.#looks++ < LOOKED_UP_SINGLY) return this.#lookUp(audio);
    this.#listing ??= this.#list();
    const { objects, upToSeq } = await this.#listing;
    return (
      objects.get(fingerprint(audio)) !== undefined || (audio.seq > upToSeq && (await this.#lookUp(audio)))
    );
  }

  async #lookUp({ object, bytes }: PaidAudio): Promise<boolean> {
    const found = await this.#store.head(object);
    if (!found) {
      this.#missed ??= this.#miss(object);
      await this.#missed;
    }
    return found?.bytes === bytes;
  }

  async #miss(object: string): Promise<void> {
    await using pieces = this.#store.read(object);
    await ifThere(pieces.next());
  }

  async #list(): Promise<Listing> {
    const upToSeq = await this.#log.head();
    const objects = new DigestTable();
    for await (const { key, bytes } of this.#store.list(AUDIO_PREFIX))
      objects.add(fingerprint({ object: key, bytes }), 1);
    return { objects, upToSeq };
  }
}

const fingerprint = ({ object, bytes }: Pick<PaidAudio, 'object' | 'bytes'>): Digest =>
  digestOf(`${object} ${bytes}`);
