/** One set with its items, live: a letter for what became of each item; their rows are fetched as they come in sight. */
import { signal } from '@preact/signals';
import { get, Refused } from '../api/client.ts';
import { type Listening, listen } from '../api/live.ts';
import type { Change, Mark, SetSummary, SetsPage, States } from '../api/types.ts';
import { maySoonBeAnswered, waitAfterMs } from './again.ts';
import { markAfter } from './marks.ts';
import { Resets } from './resets.ts';
import { Rows } from './rows.ts';
import { update } from './sets.ts';

/** Between two looks at a set that is not there. */
const NOT_YET_MS = 500;
/** Names that are alike are searched for any place in them; those that begin alike are shown, as far as they are few. */
const LOOKED_AT = 100;
const SIMILAR = 10;

export class OpenedSet {
  readonly setId: string;
  readonly summary = signal<SetSummary | undefined>(undefined);
  /** Raised when something became of items. */
  readonly version = signal(0);
  /** Whether it is known what became of the items. */
  readonly isLoaded = signal(false);
  readonly problem = signal<Error | undefined>(undefined);
  /** Where there is no such set, those whose id begins like this one: it may have been cut off, or be a name. */
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
        onReset: () => this.#openLater(this.#resets.pauseMs(position)),
      });
    } catch (error) {
      this.problem.value = error as Error;
      if (this.#closed) return;
      if (error instanceof Refused && error.status === 404) void this.#openWhenItComes();
      else if (maySoonBeAnswered(error)) this.#openLater(waitAfterMs(error));
    }
  }

  /**
   * It may have been submitted a moment ago: all sets are watched until it is among them. Never opened again at once, so
   * that what can't be opened though it is said to be there is not asked for without end.
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
        onReset: () => this.#openLater(this.#resets.pauseMs(position)),
      });
      comes(sets);
    } catch (error) {
      this.#openLater(waitAfterMs(error));
    }
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
