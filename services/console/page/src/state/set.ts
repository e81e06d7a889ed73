/** One set with its items, live: a letter per item for its state; rows are fetched as they come into view. */
import { signal } from '@preact/signals';
import { get, Refused } from '../api/client.ts';
import { type Listening, listen } from '../api/live.ts';
import type { Change, Mark, SetSummary, SetsPage, States } from '../api/types.ts';
import { maySoonBeAnswered, waitAfterMs } from './again.ts';
import { markAfter } from './marks.ts';
import { Resets } from './resets.ts';
import { Rows } from './rows.ts';
import { forgetPlace, update } from './sets.ts';

/** How long to wait before opening a set again that was just announced, in ms. */
const NOT_YET_MS = 500;
/** How many sets to search by any part of their id; {@link SIMILAR} of those that begin alike are shown. */
const LOOKED_AT = 100;
const SIMILAR = 10;

export class OpenedSet {
  readonly setId: string;
  readonly summary = signal<SetSummary | undefined>(undefined);
  /** Incremented when items change. */
  readonly version = signal(0);
  /** Whether the items' states are loaded. */
  readonly isLoaded = signal(false);
  readonly problem = signal<Error | undefined>(undefined);
  /** If there is no such set: sets whose id begins like this one, which may be truncated, or just a name. */
  readonly similar = signal<readonly SetSummary[]>([]);
  readonly rows: Rows;
  marks: Mark[] = [];
  #listening: Listening | undefined;
  readonly #resets = new Resets();
  #closed = false;

  constructor(setId: string) {
    this.setId = setId;
    this.rows = new Rows(setId);
  }

  /** Fetches the set and follows it until it is closed. */
  async open(): Promise<void> {
    try {
      this.#take(await get<SetSummary>(`/sets/${this.setId}`));
      const { states, position } = await get<States>(`/sets/${this.setId}/states`);
      this.marks = states.split('') as Mark[];
      this.isLoaded.value = true;
      this.rows.forget();
      this.version.value++;
      this.problem.value = undefined;
      if (this.#closed) return;
      this.#listening = listen(`set=${this.setId}`, {
        since: position,
        onChange: (change) => this.#change(change),
        onReset: () => this.#startOver(position),
      });
    } catch (error) {
      this.problem.value = error as Error;
      if (this.#closed) return;
      if (error instanceof Refused && error.status === 404) void this.#openWhenItComes();
      else if (maySoonBeAnswered(error)) this.#openLater(waitAfterMs(error));
    }
  }

  /**
   * The set may have been submitted a moment ago, so all sets are watched until it appears. It is never reopened at
   * once, so that a set that is listed but can't be opened is not requested in a tight loop.
   */
  async #openWhenItComes(): Promise<void> {
    try {
      const { sets, position } = await get<SetsPage>(`/sets?limit=${LOOKED_AT}&text=${this.setId}`);
      if (this.#closed) return;
      const beginning = this.setId.toLowerCase();
      this.similar.value = sets.filter(({ setId }) => setId.startsWith(beginning)).slice(0, SIMILAR);
      const comes = (changed: readonly SetSummary[]): void => {
        if (changed.some(({ setId }) => setId === this.setId)) this.#openLater(NOT_YET_MS);
      };
      this.#listening = listen('', {
        since: position,
        onChange: ({ sets: changed = [] }) => comes(changed),
        onReset: () => this.#startOver(position),
      });
      comes(sets);
    } catch (error) {
      this.#openLater(waitAfterMs(error));
    }
  }

  /** The list of sets starts over too: its own stream, which would say so, is closed while a set is viewed. */
  #startOver(position: number): void {
    forgetPlace();
    this.#openLater(this.#resets.pauseMs(position));
  }

  #openLater(waitMs: number): void {
    this.#listening?.stop();
    setTimeout(() => void (this.#closed || this.open()), waitMs);
  }

  close(): void {
    this.#closed = true;
    this.#listening?.stop();
  }

  #take(summary: SetSummary): void {
    this.summary.value = summary;
    update([summary]);
  }

  #change({ sets = [], items = [] }: Change): void {
    for (const [index, mark] of items) this.marks[index] = markAfter(this.marks[index], mark);
    this.rows.changed(items);
    const [summary] = sets;
    if (summary) this.#take(summary);
    const haveCome = summary !== undefined && this.rows.reflected(summary.lastSeq);
    if (items.length > 0 || haveCome) this.version.value++;
  }
}
