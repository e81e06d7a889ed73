/** Follows the log while the system is disturbed, and waits for conditions on its events. */
import type { EventName, SetlistEvent } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

export class Tape implements AsyncDisposable {
  readonly #events: SetlistEvent[] = [];
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #running: Promise<void>;

  /** Starts after `seq`. */
  constructor(log: EventLog, seq: number) {
    this.#running = this.#run(log, seq);
  }

  count(name: EventName): number {
    return this.#events.filter((event) => event.name === name).length;
  }

  /**
   * Resolves as soon as the events so far fulfil the condition.
   * @throws Error with the counts of events if the deadline passes first
   */
  async until(what: string, isSo: (tape: Tape) => boolean, deadlineMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (isSo(this)) resolve();
    };
    const timer = setTimeout(
      () => reject(new Error(`no ${what} within ${deadlineMs} ms; the log has ${this.#summary()}`)),
      deadlineMs,
    );
    this.#listeners.add(look);
    look();
    try {
      await Promise.race([promise, this.#running.then(() => promise)]);
    } finally {
      this.#listeners.delete(look);
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(log: EventLog, seq: number): Promise<void> {
    for await (const { event } of log.follow({ from: seq + 1 }, this.#stop.signal)) {
      if (event) this.#events.push(event);
      for (const listener of this.#listeners) listener();
    }
  }

  #summary(): string {
    const counts = new Map<string, number>();
    for (const { name } of this.#events) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing';
  }
}
