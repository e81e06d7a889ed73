/** A value that is fetched again after changes, but not after each of them. */
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { get } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import { untilAnswered } from './again.ts';

/** What takes long to answer is much work for the console, which then gets a pause of this many times as long. */
const PAUSE_TIMES = 10;
const LONGEST_PAUSE_MS = 60_000;

/** Fetches at most every `everyMs` and never concurrently; a change during a fetch leads to another one. */
class Fresh<T> {
  readonly value = signal<T | undefined>(undefined);
  /** Why the last fetch failed; `undefined` if it succeeded. */
  readonly fault = signal<string | undefined>(undefined);
  readonly #path: string;
  readonly #everyMs: number;
  readonly #closed = new AbortController();
  /** How long the last answer took, in ms. */
  #tookMs = 0;
  #isStale = false;
  #isLooking = false;
  #unhurried = new AbortController();

  constructor(path: string, everyMs: number) {
    this.#path = path;
    this.#everyMs = everyMs;
  }

  changed(): void {
    this.#isStale = true;
    if (!this.#isLooking) void this.#look();
  }

  /** Ends the pause, or skips the next one, if the value has changed since it was last asked for. */
  hurry(): void {
    if (this.#isStale) this.#unhurried.abort();
  }

  close(): void {
    this.#closed.abort();
  }

  async #look(): Promise<void> {
    const { signal: aborted } = this.#closed;
    this.#isLooking = true;
    while (this.#isStale && !aborted.aborted) {
      this.#isStale = false;
      this.#unhurried = new AbortController();
      try {
        this.value.value = await untilAnswered(() => this.#ask(aborted), { aborted, fault: this.fault });
      } catch {
        // Refused for good, which `fault` shows; the next change tries again.
      }
      const pauseMs = Math.max(this.#everyMs, Math.min(PAUSE_TIMES * this.#tookMs, LONGEST_PAUSE_MS));
      await pause(pauseMs, AbortSignal.any([aborted, this.#unhurried.signal]));
    }
    this.#isLooking = false;
  }

  async #ask(aborted: AbortSignal): Promise<T> {
    const askedAt = performance.now();
    const answer = await get<T>(this.#path, aborted);
    this.#tookMs = performance.now() - askedAt;
    return answer;
  }
}

/**
 * @param version changes whenever the value at this path has changed; `undefined` doesn't fetch
 * @param isFinal whether the value hardly changes any more
 */
export function useFresh<T>(path: string, everyMs: number, version: unknown, isFinal = false): Fresh<T> {
  const fresh = useMemo(() => new Fresh<T>(path, everyMs), [path, everyMs]);
  const isWanted = version !== undefined;
  useEffect(() => () => fresh.close(), [fresh]);
  useEffect(() => {
    if (isWanted) fresh.changed();
  }, [fresh, version]);
  // Nobody who has just asked for it waits for the end of a pause, and nothing is worth waiting for after the last change.
  useEffect(() => {
    if (isWanted) fresh.hurry();
  }, [fresh, isWanted, isFinal]);
  return fresh;
}
