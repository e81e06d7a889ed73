/** Which items of a set have some words in their text or file name. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client.ts';
import type { Matches } from '../api/types.ts';
import { untilAnswered } from './again.ts';
import { onceItRests } from './once-it-rests.ts';

export interface Matching {
  /** Nothing where no words are searched for: then all items match. */
  readonly indexes?: ReadonlySet<number>;
  /** Why none are known to match yet. */
  readonly waits?: string;
}

const TYPING_PAUSE_MS = 200;
const NONE: ReadonlySet<number> = new Set();

export function useMatching(setId: string, text: string): Matching {
  const words = text.trim();
  const found = useSignal<{ words: string; indexes: ReadonlySet<number> } | undefined>(undefined);
  const fault = useSignal<string | undefined>(undefined);
  useEffect(() => {
    fault.value = undefined;
    if (words === '') return;
    const path = `/sets/${setId}/matches?text=${encodeURIComponent(words)}`;
    return onceItRests(TYPING_PAUSE_MS, (aborted) => {
      const ask = (): Promise<Matches> => get(path, aborted);
      untilAnswered(ask, { aborted, fault }).then(
        ({ indexes }) => (found.value = { words, indexes: new Set(indexes) }),
        // Refused for good, which `fault` says, or no longer wanted.
        () => undefined,
      );
    });
  }, [setId, words]);
  if (words === '') return {};
  if (found.value?.words === words) return { indexes: found.value.indexes };
  return { indexes: NONE, waits: fault.value ?? 'Searching…' };
}
