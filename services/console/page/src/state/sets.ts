/** All sets, live: fetched once, then changed as the log goes on. */
import { computed, signal } from '@preact/signals';
import { get } from '../api/client.ts';
import { listen } from '../api/live.ts';
import type { SetSummary } from '../api/types.ts';
import { notePace } from './pace.ts';

const byId = signal<ReadonlyMap<string, SetSummary>>(new Map());

/** Newest first. */
export const sets = computed(() =>
  [...byId.value.values()].sort((a, b) =>
    a.acceptedAt < b.acceptedAt ? 1 : a.acceptedAt > b.acceptedAt ? -1 : 0,
  ),
);
export const isLoaded = signal(false);

const PAGE = 500;

/** Begins, and goes on until the function that it gives back is called. */
export function watchSets(): () => void {
  let stop = (): void => undefined;
  let ended = false;
  const load = async (): Promise<void> => {
    const all = new Map<string, SetSummary>();
    let since = 0;
    for (let cursor: string | undefined = ''; cursor !== undefined && !ended; ) {
      const page: { sets: SetSummary[]; next?: string; position: number } = await get(
        `/sets?limit=${PAGE}${cursor && `&cursor=${cursor}`}`,
      );
      since ||= page.position;
      for (const set of page.sets) all.set(set.setId, set);
      cursor = page.next;
    }
    byId.value = all;
    isLoaded.value = true;
    if (!ended) stop = listen('', { since, onChange: ({ sets: changed = [] }) => update(changed), onReset });
  };
  const onReset = (): void => {
    stop();
    void load();
  };
  void retrying(load, () => ended);
  return () => {
    ended = true;
    stop();
  };
}

export function update(changed: readonly SetSummary[]): void {
  const next = new Map(byId.value);
  for (const set of changed) {
    next.set(set.setId, set);
    notePace(set);
  }
  byId.value = next;
}

const AGAIN_MS = 2_000;

/** Until it has worked once: a console that is starting, or a token that is still missing. */
async function retrying(work: () => Promise<void>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      return await work();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
