/** Which names were made for items: a set may have a million, and their names weigh hundreds of bytes each. */
import { type Digest, digestOf } from '@setlist/contracts';

/** A name or folder, folded, and its digest. */
export interface Hashed {
  readonly text: string;
  readonly digest: Digest;
}

export const hashed = (text: string): Hashed => ({ text, digest: digestOf(text) });

const FIRST_SLOTS = 64;
const MADE_NAME = /^ITEM-(\d{6})-/;

/**
 * The names that were made for items without one, in four bytes for each. They begin with the item's number and are
 * never in each other's way, only in that of a name that somebody wrote to look like one.
 */
export class MadeNameTable {
  #hashes = new Uint32Array(FIRST_SLOTS);

  add([hash]: Digest, index: number): void {
    if (index >= this.#hashes.length) {
      const larger = new Uint32Array(2 * index);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[index] = hash;
  }

  /** The item for which this name was made. */
  find({ text, digest }: Hashed): number | undefined {
    const index = Number(MADE_NAME.exec(text)?.[1] ?? -1);
    const made = this.#hashes[index];
    return made && made === digest[0] ? index : undefined;
  }
}
