/** A set's items in a few bytes each: what the fold needs of a row and, optionally, a digest to compare the row by. */
import { hash } from 'node:crypto';
import { HOW, type ItemRow } from '@setlist/contracts';
import { grown } from './grown.ts';

const STATES = ['none', 'requested', 'completed', 'failed'] as const;
const HOWS = [undefined, ...HOW] as const;

/** Eight bytes that stand for a row's whole content. */
function rowDigest(row: ItemRow): readonly [number, number] {
  const digest = hash('sha256', JSON.stringify(row), 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

export class RowStates {
  #attempts = new Uint16Array(16);
  /** State in the lowest two bits, how the audio came in the next two. */
  #states = new Uint8Array(16);
  /** Of each row's whole content; only where rows are to be compared. */
  #digests: Uint32Array | undefined;
  #length = 0;

  /** @param withDigests whether `isSame` can be called: costs eight bytes for each row, and a hash for each change */
  constructor({ withDigests = false } = {}) {
    if (withDigests) this.#digests = new Uint32Array(32);
  }

  /** One more than the highest index that has a row. */
  get length(): number {
    return this.#length;
  }

  /** The row as far as the fold needs it: its attempt, state and how the audio came. */
  row(index: number): ItemRow | undefined {
    const bits = index < this.#length ? (this.#states[index] ?? 0) : 0;
    const state = STATES[bits & 3] ?? 'none';
    if (state === 'none') return undefined;
    const how = HOWS[(bits >> 2) & 3];
    const attempt = this.#attempts[index] ?? 0;
    return { index, attempt, state, ...(how && { how }), ...NOT_KEPT };
  }

  set(index: number, row: ItemRow): void {
    if (index >= this.#length) this.#grow(index + 1);
    this.#attempts[index] = row.attempt;
    this.#states[index] = STATES.indexOf(row.state) | (HOWS.indexOf(row.how) << 2);
    if (this.#digests === undefined) return;
    const [first, second] = rowDigest(row);
    this.#digests[2 * index] = first;
    this.#digests[2 * index + 1] = second;
  }

  /** Whether a row equals the one that was set here, in every field. */
  isSame(row: ItemRow): boolean {
    if (this.#digests === undefined) throw new TypeError('rows are folded without digests here');
    const [first, second] = rowDigest(row);
    return (
      this.row(row.index) !== undefined &&
      this.#digests[2 * row.index] === first &&
      this.#digests[2 * row.index + 1] === second
    );
  }

  #grow(length: number): void {
    this.#attempts = grown(this.#attempts, length);
    this.#states = grown(this.#states, length);
    if (this.#digests) this.#digests = grown(this.#digests, 2 * length);
    this.#length = length;
  }

  /** The rows as bytes for a snapshot, without digests. */
  toBytes(): Uint8Array {
    const { length } = this;
    return Buffer.concat([
      new Uint8Array(this.#attempts.buffer, 0, 2 * length),
      this.#states.subarray(0, length),
    ]);
  }

  /** The number of bytes that a number of rows take. */
  static bytesFor = (rows: number): number => 3 * rows;

  static fromBytes(bytes: Uint8Array, rows: number): RowStates {
    const read = new RowStates();
    read.#grow(rows);
    new Uint8Array(read.#attempts.buffer).set(bytes.subarray(0, 2 * rows));
    read.#states.set(bytes.subarray(2 * rows, 3 * rows));
    return read;
  }
}

/** The fields that the fold never reads of a previous row. */
const NOT_KEPT = { lane: 'standard', file: '', hash: '' } as const;
