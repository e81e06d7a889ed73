/** One set with its items, live: a letter for what became of each item, and the rest fetched for the rows in sight. */
import { signal } from '@preact/signals';
import { get } from '../api/client.ts';
import { listen } from '../api/live.ts';
import type { Change, Item, Mark, SetSummary } from '../api/types.ts';
import { update } from './sets.ts';

export interface Filter {
  readonly state: '' | 'requested' | 'completed' | 'failed';
  readonly text: string;
}

export const NO_FILTER: Filter = { state: '', text: '' };

/** Rows are fetched so many at a time. */
const CHUNK = 100;
/** Rows kept: more than fit on any screen, less than a browser minds. */
const KEPT_CHUNKS = 60;

export class OpenedSet {
  readonly setId: string;
  readonly summary = signal<SetSummary | undefined>(undefined);
  /** Raised when rows changed that were fetched before. */
  readonly version = signal(0);
  /** Indexes of the rows that match the filter; nothing for all of them. */
  readonly matches = signal<readonly number[] | undefined>(undefined);
  readonly problem = signal<Error | undefined>(undefined);
  marks: Mark[] = [];
  #filter = NO_FILTER;
  readonly #rows = new Map<number, Map<number, Item>>();
  readonly #fetching = new Set<number>();
  #stop: () => void = () => undefined;
  #closed = false;

  constructor(setId: string) {
    this.setId = setId;
  }

  /** Fetches the set and follows it until it is closed. */
  async open(): Promise<void> {
    try {
      const [{ states, position }, summary] = await Promise.all([
        get<{ states: string; position: number }>(`/sets/${this.setId}/states`),
        get<SetSummary>(`/sets/${this.setId}`),
      ]);
      this.marks = states.split('') as Mark[];
      this.summary.value = summary;
      this.#rows.clear();
      this.version.value++;
      if (this.#closed) return;
      this.#stop = listen(`set=${this.setId}`, {
        since: position,
        onChange: (change) => this.#change(change),
        onReset: () => {
          this.#stop();
          void this.open();
        },
      });
    } catch (error) {
      this.problem.value = error as Error;
    }
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  /** How many rows there are to be shown. */
  get length(): number {
    return this.matches.value?.length ?? this.marks.length;
  }

  /** The item that stands in this row. */
  indexAt(row: number): number {
    return this.matches.value?.[row] ?? row;
  }

  /** The item where it has been fetched; otherwise it is, and `version` is raised when it has come. */
  itemAt(index: number): Item | undefined {
    const chunk = Math.floor(index / CHUNK);
    const rows = this.#rows.get(chunk);
    if (rows === undefined) void this.#fetch(chunk);
    return rows?.get(index);
  }

  async filterBy(filter: Filter): Promise<void> {
    this.#filter = filter;
    if (filter.state === '' && filter.text.trim() === '') {
      this.matches.value = undefined;
      return;
    }
    const query = new URLSearchParams();
    if (filter.state !== '') query.set('state', filter.state);
    if (filter.text.trim() !== '') query.set('text', filter.text.trim());
    const { indexes } = await get<{ indexes: number[] }>(`/sets/${this.setId}/matches?${query}`);
    if (this.#filter === filter) this.matches.value = indexes;
  }

  async #fetch(chunk: number): Promise<void> {
    if (this.#fetching.has(chunk)) return;
    this.#fetching.add(chunk);
    try {
      const cursor = btoa(String(chunk * CHUNK)).replace(/=+$/, '');
      const { items } = await get<{ items: Item[] }>(
        `/sets/${this.setId}/items?limit=${CHUNK}&cursor=${cursor}`,
      );
      this.#rows.set(chunk, new Map(items.map((item) => [item.index, item])));
      for (const oldest of this.#rows.keys()) {
        if (this.#rows.size <= KEPT_CHUNKS) break;
        this.#rows.delete(oldest);
      }
      this.version.value++;
    } catch {
      // The row stays as it is, and is asked for again when it is drawn next.
    } finally {
      this.#fetching.delete(chunk);
    }
  }

  #change({ sets = [], items = [] }: Change): void {
    for (const [index, mark] of items) {
      this.marks[index] = mark;
      this.#rows.get(Math.floor(index / CHUNK))?.delete(index);
    }
    const stale = new Set(items.map(([index]) => Math.floor(index / CHUNK)));
    for (const chunk of stale) if (this.#rows.has(chunk)) void this.#fetch(chunk);
    const [summary] = sets;
    if (summary) {
      this.summary.value = summary;
      update([summary]);
    }
    if (items.length > 0) this.version.value++;
  }
}
