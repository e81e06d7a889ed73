/** Which item took which name, in some bytes for each: a set may have a million, and their names weigh hundreds. */

/** Words of a slot: two of the name's hash, and the item, counted from 1. */
const WORDS = 3;
const FIRST_SLOTS = 64;
/** A table that is fuller is doubled. */
const FULLEST = 0.7;

/**
 * Names are told apart by 64 bits of hash. Of a million names two would be taken for one by mistake in one of forty
 * million sets.
 */
export class NameIndex {
  #slots = new Uint32Array(WORDS * FIRST_SLOTS);
  #count = 0;

  /** Gives a name to an item, unless another has it already: then that one keeps it. */
  take(name: string, index: number): void {
    if (this.#count >= FULLEST * (this.#slots.length / WORDS)) this.#double();
    const slot = [hashOf(name, 1), hashOf(name, 2), index + 1] as const;
    const at = this.#slotOf(slot[0], slot[1]);
    if (this.#slots[at + 2] !== 0) return;
    this.#slots.set(slot, at);
    this.#count += 1;
  }

  /** The item that has a name. */
  find(name: string): number | undefined {
    const item = this.#slots[this.#slotOf(hashOf(name, 1), hashOf(name, 2)) + 2] ?? 0;
    return item === 0 ? undefined : item - 1;
  }

  /** Where a name is, or where it would be put. */
  #slotOf(first: number, second: number): number {
    const slots = this.#slots;
    let at = (first % (slots.length / WORDS)) * WORDS;
    while (slots[at + 2] !== 0 && (slots[at] !== first || slots[at + 1] !== second)) {
      at = (at + WORDS) % slots.length;
    }
    return at;
  }

  #double(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += WORDS) {
      const slot = before.subarray(at, at + WORDS);
      if (slot[2] !== 0) this.#slots.set(slot, this.#slotOf(slot[0] ?? 0, slot[1] ?? 0));
    }
  }
}

const MADE_NAME = /^ITEM-(\d{6})-/;

/**
 * The names that were made for items without one, in four bytes for each. They begin with the item's number and are
 * never in each other's way, only in that of a name that somebody wrote to look like one.
 */
export class MadeNames {
  #hashes = new Uint32Array(FIRST_SLOTS);

  add(folded: string, index: number): void {
    if (index >= this.#hashes.length) {
      const larger = new Uint32Array(2 * index);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[index] = hashOf(folded, 1);
  }

  /** The item for which this name was made. */
  find(folded: string): number | undefined {
    const index = Number(MADE_NAME.exec(folded)?.[1] ?? -1);
    return this.#hashes[index] === hashOf(folded, 1) ? index : undefined;
  }
}

/** MurmurHash3's mixing over UTF-16 code units: 32 bits, other ones for each seed. */
function hashOf(text: string, seed: number): number {
  let hash = Math.imul(seed, 0x9e3779b1);
  for (let at = 0; at < text.length; at += 1) {
    const word = Math.imul(text.charCodeAt(at), 0xcc9e2d51);
    hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash = Math.imul(hash ^ text.length ^ ((hash ^ text.length) >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
