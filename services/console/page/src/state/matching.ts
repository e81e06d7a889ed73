/** Which items of a set have some words in their text or file name. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import type { Matches } from '../api/types.ts';
import { untilAnswered } from './again.ts';
import { onceItRests } from './once-it-rests.ts';
import type { OpenedSet } from './set.ts';

export interface Matching {
  /** Nothing where no words are searched for: then all items match. */
  readonly indexes?: ReadonlySet<number>;
  /** Why none are known to match yet. */
  readonly waits?: string;
}

const TYPING_PAUSE_MS = 200;
/** While items are still being asked for, which match as soon as they are. */
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
      // Refused for good, which `fault` says, or no longer wanted.
      searchAsItGrows(summary, search, aborted).catch(() => undefined);
    });
  }, [setId, words]);
  if (words === '') return {};
  if (found.value?.words === words) return { indexes: found.value.indexes };
  return { indexes: NONE, waits: fault.value ?? 'Searching…' };
}

/** Searches anew for as long as the set has items that had not been asked for when it was searched. */
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
