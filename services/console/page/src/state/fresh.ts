/** A value that is fetched again after changes, but not after each of them. */
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { get } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import { untilAnswered } from './again.ts';

/** Fetches at most every `everyMs` and never concurrently; a change during a fetch leads to another one. */
class Fresh<T> {
  readonly value = signal<T | undefined>(undefined);
  /** Why the last fetch failed; `undefined` if it succeeded. */
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
        // Refused for good, which `fault` shows; the next change tries again.
      }
      await pause(this.#everyMs, aborted);
    }
    this.#isLooking = false;
  }
}

/** @param version changes whenever the value at this path has changed; `undefined` doesn't fetch */
export function useFresh<T>(path: string, everyMs: number, version: unknown): Fresh<T> {
  const fresh = useMemo(() => new Fresh<T>(path, everyMs), [path, everyMs]);
  useEffect(() => () => fresh.close(), [fresh]);
  useEffect(() => {
    if (version !== undefined) fresh.changed();
  }, [fresh, version]);
  return fresh;
}
