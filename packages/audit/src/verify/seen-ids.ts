/** Ids, and where each stood first, in some forty bytes each. */
import { hash } from 'node:crypto';

/**
 * A hash table in typed arrays: ids go by 64 bits of their SHA-256, so that two of ten million are mistaken for one
 * with a probability of some three in a million.
 */
export class SeenIds {
  #slots = 1 << 12;
  #count = 0;
  #low = new Uint32Array(this.#slots);
  #high = new Uint32Array(this.#slots);
  /** 0 where the slot is free. */
  #seqs = new Float64Array(this.#slots);

  /** Notes an id. @returns the sequence at which it stood before, or nothing where it is new */
  add(id: string, seq: number): number | undefined {
    if (this.#count * 2 >= this.#slots) this.#enlarge();
    const [low, high] = digestOf(id);
    const slot = this.#slotOf(low, high);
    const before = this.#seqs[slot];
    if (before) return before;
    this.#put(slot, { low, high, seq });
    this.#count++;
    return undefined;
  }

  has(id: string): boolean {
    return (this.#seqs[this.#slotOf(...digestOf(id))] ?? 0) > 0;
  }

  /** The slot that holds the digest, or the free one where it belongs. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots - 1;
    let slot = low & mask;
    while (this.#seqs[slot] && (this.#low[slot] !== low || this.#high[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  #put(slot: number, { low, high, seq }: { low: number; high: number; seq: number }): void {
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#seqs[slot] = seq;
  }

  #enlarge(): void {
    const [lows, highs, seqs] = [this.#low, this.#high, this.#seqs];
    this.#slots *= 2;
    this.#low = new Uint32Array(this.#slots);
    this.#high = new Uint32Array(this.#slots);
    this.#seqs = new Float64Array(this.#slots);
    for (const [at, seq] of seqs.entries()) {
      if (seq === 0) continue;
      const [low = 0, high = 0] = [lows[at], highs[at]];
      this.#put(this.#slotOf(low, high), { low, high, seq });
    }
  }
}

function digestOf(id: string): [number, number] {
  const digest = hash('sha256', id, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
