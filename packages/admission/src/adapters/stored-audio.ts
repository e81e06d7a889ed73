/** Looks whether the audio of paid sounds is in the store, since whoever wants what is gone from there pays again. */
import { hash } from 'node:crypto';
import { AUDIO_PREFIX } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { ifThere, type ObjectStore } from '@setlist/storage';
import { SeenHashes } from '../domain/seen-hashes.ts';

/** What a payment says of its audio. */
export interface PaidAudio {
  /** Sequence of the payment. */
  readonly seq: number;
  readonly object: string;
  readonly bytes: number;
}

/** Up to so many are looked up by themselves: a page of a list has a thousand, and a store may have a million. */
const LOOKED_UP_SINGLY = 500;

interface Listing {
  readonly objects: SeenHashes;
  /** What was paid for later may not be in it. */
  readonly upToSeq: number;
}

/**
 * The audio of one store, for one plan or one set at the door. An object of the size that was paid for counts as there,
 * unread; the first that is not there is read, since only that tells it from a store that is not. Beyond the first few hundred looks a bucket is listed, once; of a million objects that takes 16 MB.
 */
export class StoredAudio {
  readonly #store: Pick<ObjectStore, 'uri' | 'head' | 'read' | 'list'>;
  readonly #log: Pick<EventLog, 'head'>;
  #looks = 0;
  #listing: Promise<Listing> | undefined;
  /** The reading of the first that is not there. */
  #missed: Promise<void> | undefined;

  constructor(store: Pick<ObjectStore, 'uri' | 'head' | 'read' | 'list'>, log: Pick<EventLog, 'head'>) {
    this.#store = store;
    this.#log = log;
  }

  /** @throws StoreError */
  async holds(audio: PaidAudio): Promise<boolean> {
    // A folder's list costs a look at each file too, and its names are sorted in memory.
    if (this.#store.uri.startsWith('file:')) return this.#lookUp(audio);
    if (this.#looks++ < LOOKED_UP_SINGLY) return this.#lookUp(audio);
    this.#listing ??= this.#list();
    const { objects, upToSeq } = await this.#listing;
    return objects.has(fingerprint(audio)) || (audio.seq > upToSeq && (await this.#lookUp(audio)));
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
    const objects = new SeenHashes();
    for await (const { key, bytes } of this.#store.list(AUDIO_PREFIX))
      objects.add(fingerprint({ object: key, bytes }));
    return { objects, upToSeq };
  }
}

const fingerprint = ({ object, bytes }: Pick<PaidAudio, 'object' | 'bytes'>): string =>
  hash('sha256', `${object} ${bytes}`);
