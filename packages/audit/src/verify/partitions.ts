/** Entries set aside in files, so that memory holds those of a few keys at a time, however many there are. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orGoneSync } from '@setlist/runtime';

const PARTS = 256;
/** How many characters of a part are collected before they are written: 4 MB for all parts. */
const COLLECTED = 16_384;

export class Partitions<T> implements Disposable {
  readonly #collected: string[] = Array.from({ length: PARTS }, () => '');
  /** `undefined` until the first part has to be written. */
  #folder: string | undefined;

  /**
   * Sets an entry aside.
   * @param key in hex, of at least two digits; entries with the same key are read together
   * @param entry a JSON value
   * @throws what the system throws, such as on a full disk
   */
  add(key: string, entry: T): void {
    const part = Number.parseInt(key.slice(0, 2), 16);
    const collected = `${this.#collected[part]}${JSON.stringify(entry)}\n`;
    if (collected.length < COLLECTED) {
      this.#collected[part] = collected;
      return;
    }
    this.#folder ??= mkdtempSync(join(tmpdir(), 'setlist-audit-'));
    appendFileSync(join(this.#folder, String(part)), collected);
    this.#collected[part] = '';
  }

  /** Reads one part after another: each has all entries of its keys, in the order in which they were added. */
  *read(): Generator<T[]> {
    for (const [part, collected] of this.#collected.entries()) {
      const lines = `${this.#written(part)}${collected}`.split('\n');
      yield lines.filter(Boolean).map((line) => JSON.parse(line) as T);
    }
  }

  #written(part: number): string {
    const folder = this.#folder;
    if (folder === undefined) return '';
    return orGoneSync(() => readFileSync(join(folder, String(part)), 'utf8')) ?? '';
  }

  /** Deletes the files. */
  [Symbol.dispose](): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}
