/** The audio that lies in the store, by the sound it is of: what may be removed is found among it. */
import { AUDIO_PREFIX, hashOfAudioKey } from '@setlist/contracts';
import type { ObjectStore } from '@setlist/storage';
import { hashOfProbe } from '../domain/places.ts';

export interface StoredAudio {
  readonly key: string;
  readonly bytes: number;
  /** Ms since 1970, by the store's clock. */
  readonly modifiedAt: number;
}

/** One sound and its audio, as flat as it can be, since there may be a million. */
export interface StoredSound {
  /** Of its object's key; what comes before follows from the hash. */
  readonly ending: string;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** Further objects, where audio that was adopted has been replaced. */
  others?: StoredAudio[];
  /** Sequence of the outcome by which a set used it last, and its time; 0 where none ever did. */
  lastUseSeq: number;
  lastUsedAt: number;
  /** An open set wants it. */
  wanted: boolean;
}

export class StoredSounds {
  readonly #sounds = new Map<string, StoredSound>();
  /** What was put only to try the store, and could not be removed again, or not before a crash. */
  readonly probes: (StoredAudio & { readonly hash: string })[] = [];
  /** Of all audio in the store, old and new. */
  count = 0;
  bytes = 0;

  /** Lists the store; audio that was written after `before` (ms since 1970) is only counted. */
  static async listed(store: ObjectStore, before: number): Promise<StoredSounds> {
    const sounds = new StoredSounds();
    for await (const { key, bytes, modified } of store.list(AUDIO_PREFIX)) {
      const modifiedAt = modified.getTime();
      const probed = hashOfProbe(key);
      if (probed !== undefined) sounds.probes.push({ key, bytes, modifiedAt, hash: probed });
      const hash = hashOfAudioKey(key);
      if (hash === undefined) continue;
      sounds.count++;
      sounds.bytes += bytes;
      if (modifiedAt <= before) sounds.#add(hash, { key, bytes, modifiedAt });
    }
    return sounds;
  }

  #add(hash: string, object: StoredAudio): void {
    const known = this.get(hash);
    if (known) {
      known.others = [...(known.others ?? []), object];
      return;
    }
    const { key, bytes, modifiedAt } = object;
    const ending = key.slice(AUDIO_PREFIX.length + hash.length);
    const unused = { lastUseSeq: 0, lastUsedAt: 0, wanted: false };
    this.#sounds.set(packed(hash), { ending, bytes, modifiedAt, ...unused });
  }

  get(hash: string): StoredSound | undefined {
    return this.#sounds.get(packed(hash));
  }

  *[Symbol.iterator](): Generator<[hash: string, sound: StoredSound]> {
    for (const [key, sound] of this.#sounds) yield [Buffer.from(key, 'latin1').toString('hex'), sound];
  }
}

/** All objects of a sound. */
export const audioOf = (
  hash: string,
  { ending, bytes, modifiedAt, others = [] }: StoredSound,
): StoredAudio[] => [{ key: `${AUDIO_PREFIX}${hash}${ending}`, bytes, modifiedAt }, ...others];

/** Half as long as the hex. */
const packed = (hash: string): string => Buffer.from(hash, 'hex').toString('latin1');
