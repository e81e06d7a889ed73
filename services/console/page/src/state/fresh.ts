/** What a view shows of something that changes: fetched anew after it has changed, but not with every change. */
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { get } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import { untilAnswered } from './again.ts';

/** At most once in a while, and never twice at once; what changes meanwhile is fetched after that. */
class Fresh<T> {
  readonly value = signal<T | undefined>(undefined);
  /** Why it could not be fetched when it was asked for last. */
  readonly fault = signal<string | undefined>(undefined);
  readonly #path: string;
  readonly #everyMs: number;
  readonly #closed = new AbortController();
  #isStale = false;
  #isLooking = false;

  constructor(path: string, everyMs: number) {
    this.#path = path;
    this.#everyMs = everyMs;
  }

  changed(): void {
    this.#isStale = true;
    if (!this.#isLooking) void this.#look();
  }

  close(): void {
    this.#closed.abort();
  }

  async #look(): Promise<void> {
    const { signal: aborted } = this.#closed;
    this.#isLooking = true;
    while (this.#isStale && !aborted.aborted) {
      this.#isStale = false;
      try {
        const ask = (): Promise<T> => get<T>(this.#path, aborted);
        this.value.value = await untilAnswered(ask, { aborted, fault: this.fault });
      } catch {
        // Refused for good, which `fault` says, until it changes again.
      }
      await pause(this.#everyMs, aborted);
    }
    this.#isLooking = false;
  }
}

/** @param version is another whenever that which has this path has changed; nothing where that is not to be seen */
export function useFresh<T>(path: string, everyMs: number, version: unknown): Fresh<T> {
  const fresh = useMemo(() => new Fresh<T>(path, everyMs), [path, everyMs]);
  useEffect(() => () => fresh.close(), [fresh]);
  useEffect(() => {
    if (version !== undefined) fresh.changed();
  }, [fresh, version]);
  return fresh;
}
