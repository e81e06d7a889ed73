/** The audio in the store by its sound, among which removable audio is found. */
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
  /** End of the object's key; the rest follows from the hash. */
  readonly ending: string;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** Further objects, where adopted audio has been replaced. */
  others?: StoredAudio[];
  /** Sequence of the outcome of the last use by a set; 0 where no set ever used it. */
  lastUseSeq: number;
  /** Time of the last use, ms since 1970; 0 where no set ever used it. */
  lastUsedAt: number;
  /** Whether an open set wants it. */
  wanted: boolean;
}

export class StoredSounds {
  readonly #sounds = new Map<string, StoredSound>();
  /** Objects written only to probe the store, and left behind by a failed removal or a crash. */
  readonly probes: (StoredAudio & { readonly hash: string })[] = [];
  /** Number of all audio objects in the store, old and new; `bytes` is their size. */
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

/** The hash as a string half as long as its hex form. */
const packed = (hash: string): string => Buffer.from(hash, 'hex').toString('latin1');
