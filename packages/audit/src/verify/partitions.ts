/** Entries set aside in files, so that memory holds those of a few keys at a time, however many there are. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orGoneSync } from '@setlist/runtime';

const PARTS = 256;
/** How many bytes of a part are collected before they are written: 4 MB for all parts. */
const COLLECTED = 16_384;

export class Partitions<T> implements Disposable {
  /** A place for each part. */
  readonly #collected = Buffer.allocUnsafe(PARTS * COLLECTED);
  readonly #used = new Uint16Array(PARTS);
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
    const line = `${JSON.stringify(entry)}\n`;
    const bytes = Buffer.byteLength(line);
    if ((this.#used[part] ?? 0) + bytes > COLLECTED) this.#write(part);
    if (bytes > COLLECTED) {
      appendFileSync(this.#pathOf(part), line);
      return;
    }
    const used = this.#used[part] ?? 0;
    this.#collected.write(line, part * COLLECTED + used);
    this.#used[part] = used + bytes;
  }

  /**
   * Reads one part after another: each has all entries of its keys, in the order in which they were added. Entries are
   * parsed one by one, so that only those that are kept take memory.
   */
  *read(): Generator<Iterable<T>> {
    for (let part = 0; part < PARTS; part++) yield this.#entriesOf(part);
  }

  *#entriesOf(part: number): Generator<T> {
    const written = this.#folder && orGoneSync(() => readFileSync(this.#pathOf(part)));
    for (const bytes of [written, this.#collectedOf(part)]) {
      if (bytes) for (const line of linesOf(bytes)) yield JSON.parse(line) as T;
    }
  }

  #write(part: number): void {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'setlist-audit-'));
    appendFileSync(this.#pathOf(part), this.#collectedOf(part));
    this.#used[part] = 0;
  }

  #collectedOf(part: number): Buffer {
    const begin = part * COLLECTED;
    return this.#collected.subarray(begin, begin + (this.#used[part] ?? 0));
  }

  #pathOf(part: number): string {
    return join(this.#folder ?? '', String(part));
  }

  /** Deletes the files. */
  [Symbol.dispose](): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The lines of a text whose last one ends too. */
function* linesOf(bytes: Buffer): Generator<string> {
  for (let begin = 0; begin < bytes.length; ) {
    const end = bytes.indexOf('\n', begin);
    yield bytes.toString('utf8', begin, end);
    begin = end + 1;
  }
}
