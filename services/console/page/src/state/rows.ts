/**
 * Rows of items, fetched in chunks for the rows in view. Rows that are scrolled past are not fetched, and changed rows
 * are fetched again at most once a second, so that a fast set costs the console no more than a slow one.
 */
import { signal } from '@preact/signals';
import { get } from '../api/client.ts';
import type { Item, ItemsPage, Mark } from '../api/types.ts';

/** Rows per fetch. */
const CHUNK = 100;
/** Most chunks to keep: more than fit on any screen, few enough for a browser's memory. */
const KEPT = 60;
const SETTLED_MS = 100;
/** The view never spans more chunks than this. */
const AT_A_TIME = 2;
const ANEW_MS = 1_000;

interface Chunk {
  readonly items: ReadonlyMap<number, Item>;
  readonly fetchedAt: number;
}

export class Rows {
  readonly #setId: string;
  /** Incremented when rows have arrived. */
  readonly version = signal(0);
  readonly #chunks = new Map<number, Chunk>();
  readonly #stale = new Set<number>();
  /** By chunk: the place in the log of its last change, until the set's summary includes it. */
  readonly #ahead = new Map<number, number>();
  /** Chunks wanted since the last fetch, the most recent last. */
  readonly #wanted = new Set<number>();
  #dueAt = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFetching = false;

  constructor(setId: string) {
    this.#setId = setId;
  }

  /** The item, if fetched; otherwise schedules a fetch, which increments `version` when done. */
  at(index: number): Item | undefined {
    const number = Math.floor(index / CHUNK);
    const chunk = this.#chunks.get(number);
    if (chunk === undefined || this.#stale.has(number)) this.#want(number);
    return chunk?.items.get(index);
  }

  /** Marks items as changed: those in view are fetched again. */
  changed(items: Iterable<readonly [index: number, mark: Mark, seq: number]>): void {
    for (const [index, , seq] of items) {
      const number = Math.floor(index / CHUNK);
      if (this.#chunks.has(number)) this.#stale.add(number);
      this.#ahead.set(number, seq);
    }
  }

  /**
   * Called when the set's summary, and so its rows, include the log up to `seq`: rows that may have been fetched too
   * early are fetched again.
   * @returns whether there are any
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

  /** Fetches the most recently wanted chunks first, and skips those that were scrolled past. */
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
      // The rows stay as they are, and are fetched again when they are drawn next.
      await new Promise((resolve) => setTimeout(resolve, ANEW_MS));
    }
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= KEPT) break;
      this.#chunks.delete(oldest);
      this.#stale.delete(oldest);
    }
  }
}
