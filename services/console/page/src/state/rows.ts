/**
 * What items say beyond what became of them, fetched in chunks for the rows in sight. What is scrolled past is not
 * fetched, and what changed is fetched anew at most once a second, so that a set that runs fast asks no more of the
 * console than one that stands still.
 */
import { signal } from '@preact/signals';
import { get } from '../api/client.ts';
import type { Item, ItemsPage, Mark } from '../api/types.ts';

/** Rows are fetched so many at a time. */
const CHUNK = 100;
/** Chunks kept: more than fit on any screen, less than a browser minds. */
const KEPT = 60;
const SETTLED_MS = 100;
/** More than this many chunks are never in sight. */
const AT_A_TIME = 2;
const ANEW_MS = 1_000;

interface Chunk {
  readonly items: ReadonlyMap<number, Item>;
  readonly fetchedAt: number;
}

export class Rows {
  readonly #setId: string;
  /** Raised when rows have come. */
  readonly version = signal(0);
  readonly #chunks = new Map<number, Chunk>();
  readonly #stale = new Set<number>();
  /** What has changed last in a chunk, as a place in the log that the set's summary has not come to yet. */
  readonly #ahead = new Map<number, number>();
  /** Asked for since they were fetched last, the newest last. */
  readonly #wanted = new Set<number>();
  #dueAt = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFetching = false;

  constructor(setId: string) {
    this.#setId = setId;
  }

  /** The item where it has been fetched; otherwise it is soon, and `version` is raised when it has come. */
  at(index: number): Item | undefined {
    const number = Math.floor(index / CHUNK);
    const chunk = this.#chunks.get(number);
    if (chunk === undefined || this.#stale.has(number)) this.#want(number);
    return chunk?.items.get(index);
  }

  /** Something became of these items: they are fetched anew where they are in sight. */
  changed(items: Iterable<readonly [index: number, mark: Mark, seq: number]>): void {
    for (const [index, , seq] of items) {
      const number = Math.floor(index / CHUNK);
      if (this.#chunks.has(number)) this.#stale.add(number);
      this.#ahead.set(number, seq);
    }
  }

  /**
   * The set's summary has come to this place in the log, and its rows are asked for with it: what may have been fetched too
   * early is fetched anew.
   * @returns whether there is any
   */
  reflected(seq: number): boolean {
    let some = false;
    for (const [number, needed] of this.#ahead) {
      if (needed > seq) continue;
      this.#ahead.delete(number);
      if (this.#chunks.has(number)) this.#stale.add(number);
      some = true;
    }
    return some;
  }

  forget(): void {
    this.#chunks.clear();
    this.#stale.clear();
    this.#ahead.clear();
  }

  #want(number: number): void {
    this.#wanted.delete(number);
    this.#wanted.add(number);
    const dueAt = Math.max(performance.now() + SETTLED_MS, this.#freshUntil(number));
    if (this.#isFetching || dueAt >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => void this.#fetchWanted(), dueAt - performance.now());
  }

  #freshUntil(number: number): number {
    return (this.#chunks.get(number)?.fetchedAt ?? Number.NEGATIVE_INFINITY) + ANEW_MS;
  }

  /** The newest first; what was scrolled past meanwhile is left out. */
  async #fetchWanted(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#isFetching = true;
    const due = [...this.#wanted].filter((number) => this.#freshUntil(number) <= performance.now());
    this.#wanted.clear();
    for (const number of due.slice(-AT_A_TIME).reverse()) await this.#fetch(number);
    this.#isFetching = false;
    this.version.value++;
  }

  async #fetch(number: number): Promise<void> {
    const cursor = btoa(String(number * CHUNK)).replace(/=+$/, '');
    try {
      const { items } = await get<ItemsPage>(`/sets/${this.#setId}/items?limit=${CHUNK}&cursor=${cursor}`);
      this.#stale.delete(number);
      this.#chunks.delete(number);
      this.#chunks.set(number, {
        items: new Map(items.map((item) => [item.index, item])),
        fetchedAt: performance.now(),
      });
    } catch {
      // The rows stay as they are, and are asked for again when they are drawn next.
      await new Promise((resolve) => setTimeout(resolve, ANEW_MS));
    }
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= KEPT) break;
      this.#chunks.delete(oldest);
      this.#stale.delete(oldest);
    }
  }
}
