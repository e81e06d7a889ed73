/** The result of every item of a set, in columns of numbers: about seventy bytes each, a tenth of what objects take. */
import { type Counts, HOW, type ManifestItem, type Reason } from '@setlist/contracts';
import type { ItemEvent } from '../fold/item-row.ts';

/** The fields of an item that come from its newest attempt rather than its request. */
export type Outcome = Pick<
  ManifestItem,
  | 'state'
  | 'how'
  | 'durationMs'
  | 'bytes'
  | 'sha256'
  | 'billedCharacters'
  | 'sparedCharacters'
  | 'error'
  | 'attempts'
  | 'endedAt'
>;

const NEVER_ASKED = 0;
const REQUESTED = 1;
const FAILED = 2;
/** Completed items' states: this plus the position in {@link HOW}. */
const FIRST_COMPLETED = 3;
const SHA256_BYTES = 32;

/** Records items' events in the log's order, by the rules of `item-row.ts`. */
export class OutcomeColumns {
  readonly #state: Uint8Array;
  readonly #attempt: Uint32Array;
  readonly #bytes: Float64Array;
  readonly #durationMs: Float64Array;
  readonly #billed: Uint32Array;
  readonly #spared: Uint32Array;
  readonly #endedAtMs: Float64Array;
  readonly #sha256: Buffer;
  readonly #tries: Uint32Array;
  readonly #reason: Uint32Array;
  /** Each distinct reason once, since thousands of items fail for a few reasons. */
  readonly #reasons: Reason[] = [];
  readonly #reasonAt = new Map<string, number>();

  /** @param items how many items the set has; events of others are ignored */
  constructor(items: number) {
    this.#state = new Uint8Array(items);
    this.#attempt = new Uint32Array(items);
    this.#bytes = new Float64Array(items);
    this.#durationMs = new Float64Array(items);
    this.#billed = new Uint32Array(items);
    this.#spared = new Uint32Array(items);
    this.#endedAtMs = new Float64Array(items);
    this.#sha256 = Buffer.alloc(items * SHA256_BYTES);
    this.#tries = new Uint32Array(items);
    this.#reason = new Uint32Array(items);
  }

  /** Whether the set has such an item. */
  has(index: number): boolean {
    return index < this.#state.length;
  }

  /** @returns whether the event said anything new of its item */
  note({ name, data }: ItemEvent, time: Date): boolean {
    const { index, attempt } = data;
    if (!this.has(index) || !this.#saysMore(name, data)) return false;
    this.#attempt[index] = attempt;
    if (name === 'ItemRequested') {
      this.#state[index] = REQUESTED;
      return true;
    }
    this.#endedAtMs[index] = time.getTime();
    if (name === 'ItemFailed') {
      this.#state[index] = FAILED;
      this.#tries[index] = data.tries;
      this.#billed[index] = data.billedCharacters ?? 0;
      this.#reason[index] = this.#keepReason(data);
      return true;
    }
    this.#state[index] = FIRST_COMPLETED + HOW.indexOf(data.how);
    this.#bytes[index] = data.bytes;
    this.#durationMs[index] = data.durationMs;
    this.#billed[index] = data.billedCharacters;
    this.#spared[index] = data.sparedCharacters;
    this.#sha256.write(data.sha256, index * SHA256_BYTES, 'hex');
    return true;
  }

  counts(): Omit<Counts, 'total'> {
    const counts = { completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 };
    for (const state of this.#state) {
      if (state === FAILED) counts.failed++;
      const how = HOW[state - FIRST_COMPLETED];
      if (how === undefined) continue;
      counts.completed++;
      counts[how]++;
    }
    return counts;
  }

  /** The result of an item that was requested. */
  of(index: number): Outcome {
    const state = this.#state[index] ?? NEVER_ASKED;
    const attempts = this.#attempt[index] ?? 1;
    if (state <= REQUESTED) return { state: 'requested', attempts };
    const endedAt = new Date(this.#endedAtMs[index] ?? 0).toISOString();
    const how = HOW[state - FIRST_COMPLETED];
    const billedCharacters = this.#billed[index] ?? 0;
    if (how === undefined) {
      const billed = billedCharacters > 0 ? { billedCharacters } : {};
      return { state: 'failed', ...billed, error: this.#errorOf(index), attempts, endedAt };
    }
    return {
      state: 'completed',
      how,
      durationMs: this.#durationMs[index] ?? 0,
      bytes: this.#bytes[index] ?? 0,
      sha256: this.#sha256.toString('hex', index * SHA256_BYTES, (index + 1) * SHA256_BYTES),
      billedCharacters,
      sparedCharacters: this.#spared[index] ?? 0,
      attempts,
      endedAt,
    };
  }

  #saysMore(name: ItemEvent['name'], { index, attempt }: ItemEvent['data']): boolean {
    const known = this.#attempt[index] ?? 0;
    if (attempt !== known) return attempt > known;
    return this.#state[index] === REQUESTED && name !== 'ItemRequested';
  }

  #errorOf(index: number): NonNullable<Outcome['error']> {
    const reason = this.#reasons[this.#reason[index] ?? 0];
    if (reason === undefined) throw new RangeError(`item ${index} has no reason`);
    return { ...reason, tries: this.#tries[index] ?? 1 };
  }

  #keepReason({ code, message, remedy }: Reason): number {
    const key = JSON.stringify([code, message, remedy]);
    const known = this.#reasonAt.get(key);
    if (known !== undefined) return known;
    this.#reasonAt.set(key, this.#reasons.length);
    return this.#reasons.push({ code, message, remedy }) - 1;
  }
}
