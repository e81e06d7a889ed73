/** Waits for sounds that others are paying for: one watch per sound serves every waiting item in this process. */
import { addAbortListener } from 'node:events';
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { unlessAborted } from '@setlist/runtime';
import { Bell } from '../bell.ts';

/** How soon to look again, in ms: a hint can come before the log has stored the event, or can be missed. */
const FIRST_LOOK_MS = 20;
const LONGEST_LOOK_MS = 5_000;

/** A sound's state when it was last read. */
export interface Seen {
  readonly seq: number;
  /** How long to wait at most, in ms: the claim has expired by then. */
  readonly forMs: number;
}

export class SoundWatch {
  readonly #log: EventLog;
  readonly #draining: AbortSignal;
  readonly #watches = new Map<string, Promise<void>>();

  constructor(log: EventLog, draining: AbortSignal) {
    this.#log = log;
    this.#draining = draining;
  }

  /** Waits until the sound has a newer event than `seen`, or for `seen.forMs`. @throws the signal's reason */
  changed(hash: string, seen: Seen, signal: AbortSignal): Promise<void> {
    const known = this.#watches.get(hash);
    if (known) return unlessAborted(known, signal);
    const watch = this.#watch(hash, seen).finally(() => this.#watches.delete(hash));
    this.#watches.set(hash, watch);
    return unlessAborted(watch, signal);
  }

  async #watch(hash: string, { seq, forMs }: Seen): Promise<void> {
    const deadline = performance.now() + forMs;
    const subject = subjects.sound(hash);
    const bell = new Bell();
    const ring = (): void => bell.ring();
    using _hint = this.#log.onHint(subject, ring);
    using _drain = addAbortListener(this.#draining, ring);
    for (let lookInMs = FIRST_LOOK_MS; !this.#draining.aborted; ) {
      // The subscription is active by now: this look sees every earlier event, and a later one rings.
      if (((await this.#log.last(subject))?.seq ?? 0) !== seq) return;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return;
      const rang = await bell.rungWithin(Math.min(lookInMs, leftMs + 1));
      lookInMs = rang ? FIRST_LOOK_MS : Math.min(2 * lookInMs, LONGEST_LOOK_MS);
    }
  }
}
