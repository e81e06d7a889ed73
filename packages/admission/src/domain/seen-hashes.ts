/** A set of hashes in eight bytes of content each, since a set file or a store can have a million sounds. */

const FIRST_SLOTS = 1_024;
const FULLEST = 0.7;
/** Number of leading hex digits compared: among a million sounds, two share them in one of forty million sets. */
const DIGITS = 16;

export class SeenHashes {
  /** 0 marks an empty slot, so a hash that begins with 16 zeros is stored as 1. */
  #slots = new BigUint64Array(FIRST_SLOTS);
  #count = 0;

  /** @returns true the first time that a SHA-256, in hex, is added */
  add(hash: string): boolean {
    if (this.#count >= FULLEST * this.#slots.length) this.#double();
    const value = digitsOf(hash);
    const at = this.#slotOf(value);
    if (this.#slots[at] === value) return false;
    this.#slots[at] = value;
    this.#count++;
    return true;
  }

  has(hash: string): boolean {
    const value = digitsOf(hash);
    return this.#slots[this.#slotOf(value)] === value;
  }

  #slotOf(value: bigint): number {
    let at = Number(value % BigInt(this.#slots.length));
    while (this.#slots[at] !== 0n && this.#slots[at] !== value) at = (at + 1) % this.#slots.length;
    return at;
  }

  #double(): void {
    const before = this.#slots;
    this.#slots = new BigUint64Array(2 * before.length);
    for (const value of before) if (value !== 0n) this.#slots[this.#slotOf(value)] = value;
  }
}

const digitsOf = (hash: string): bigint => BigInt(`0x${hash.slice(0, DIGITS)}`) || 1n;
