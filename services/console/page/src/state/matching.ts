/** Finds the items of a set whose text or file name contains some words. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import type { Matches } from '../api/types.ts';
import { untilAnswered } from './again.ts';
import { onceItRests } from './once-it-rests.ts';
import type { OpenedSet } from './set.ts';

export interface Matching {
  /** Absent without a search: then all items match. */
  readonly indexes?: ReadonlySet<number>;
  /** Why there are no results yet. */
  readonly waits?: string;
}

const TYPING_PAUSE_MS = 200;
/** How often to search again while the set still requests items, in ms. */
const ANEW_MS = 1_000;
const NONE: ReadonlySet<number> = new Set();

export function useMatching({ setId, summary }: OpenedSet, text: string): Matching {
  const words = text.trim();
  const found = useSignal<{ words: string; indexes: ReadonlySet<number> } | undefined>(undefined);
  const fault = useSignal<string | undefined>(undefined);
  useEffect(() => {
    fault.value = undefined;
    if (words === '') return;
    const path = `/sets/${setId}/matches?text=${encodeURIComponent(words)}`;
    return onceItRests(TYPING_PAUSE_MS, (aborted) => {
      const ask = (): Promise<Matches> => get(path, aborted);
      const search = async (): Promise<void> => {
        const { indexes } = await untilAnswered(ask, { aborted, fault });
        found.value = { words, indexes: new Set(indexes) };
      };
      // Either refused for good, which `fault` shows, or no longer needed.
      searchAsItGrows(summary, search, aborted).catch(() => undefined);
    });
  }, [setId, words]);
  if (words === '') return {};
  if (found.value?.words === words) return { indexes: found.value.indexes };
  return { indexes: NONE, waits: fault.value ?? 'Searching…' };
}

/** Searches again until all items of the set had been requested at the time of the search. */
async function searchAsItGrows(
  summary: OpenedSet['summary'],
  search: () => Promise<void>,
  aborted: AbortSignal,
): Promise<void> {
  let searched: number | undefined;
  while (!aborted.aborted) {
    const { requested = 0, total = 0 } = summary.peek()?.counts ?? {};
    if (requested !== searched) await search();
    searched = requested;
    if (requested >= total) return;
    await pause(ANEW_MS, aborted);
  }
}
