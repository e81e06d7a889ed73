/** A number for each of many texts, in some thirty bytes each. */
import { hash } from 'node:crypto';

/** Of the slots, how many may be taken before there are twice as many. */
const FULLEST = 0.75;

/**
 * A hash table in typed arrays: texts go by 64 bits of their SHA-256, so that two of ten million are mistaken for one
 * with a probability of some three in a million.
 */
export class DigestTable {
  #slots = 1 << 12;
  #count = 0;
  #low = new Uint32Array(this.#slots);
  #high = new Uint32Array(this.#slots);
  /** 0 where the slot is free. */
  #numbers = new Float64Array(this.#slots);

  /** How many texts have a number. */
  get size(): number {
    return this.#count;
  }

  get(text: string): number | undefined {
    return this.#numbers[this.#slotOf(...digestOf(text))] || undefined;
  }

  /**
   * Gives a text its number, unless it has one.
   * @param number more than 0
   * @returns the number that it had before, or nothing where it is new
   */
  add(text: string, number: number): number | undefined {
    const [low, high] = digestOf(text);
    const slot = this.#slotOf(low, high);
    const before = this.#numbers[slot];
    if (before) return before;
    this.#put(slot, { low, high, number });
    if (++this.#count > this.#slots * FULLEST) this.#enlarge();
    return undefined;
  }

  /** The slot that holds the digest, or the free one where it belongs. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots - 1;
    let slot = low & mask;
    while (this.#numbers[slot] && (this.#low[slot] !== low || this.#high[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  #put(slot: number, { low, high, number }: { low: number; high: number; number: number }): void {
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#numbers[slot] = number;
  }

  #enlarge(): void {
    const [lows, highs, numbers] = [this.#low, this.#high, this.#numbers];
    this.#slots *= 2;
    this.#low = new Uint32Array(this.#slots);
    this.#high = new Uint32Array(this.#slots);
    this.#numbers = new Float64Array(this.#slots);
    for (const [at, number] of numbers.entries()) {
      if (number === 0) continue;
      const [low = 0, high = 0] = [lows[at], highs[at]];
      this.#put(this.#slotOf(low, high), { low, high, number });
    }
  }
}

function digestOf(text: string): [number, number] {
  const digest = hash('sha256', text, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
