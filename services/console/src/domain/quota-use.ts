/** Use of each quota over the last minutes, second by second, from the ledger's events in the log. */
import type { SetlistEvent } from '@setlist/contracts';
import { type Engine, type Operation, THROTTLING } from '@setlist/polly';
import { z } from 'zod';

/** How far back calls are kept, in seconds. */
export const KEPT_SECONDS = 900;
/** How often older calls are dropped. */
const TIDY_EVERY_SECONDS = 60;
const ALIVE_SECONDS = 60;

export const quotaUseSchema = z.object({
  until: z.int().describe('the last whole second, in seconds since 1970, on the broker’s clock'),
  engines: z.array(
    z.object({
      engine: z.string(),
      operation: z.enum(['synthesize', 'task']),
      calls: z.array(z.int()).describe('paid calls and started tasks per second, oldest first'),
      throttled: z.array(z.int()),
    }),
  ),
  dispatchers: z.array(z.string()).describe('dispatchers that were active within the last minute'),
});
export type QuotaUse = z.infer<typeof quotaUseSchema>;

interface Claim {
  /** What its calls count for. */
  readonly of: readonly [Engine, Operation, setId: string];
  /** The task that it continues, if that is known. */
  readonly taskId: string | undefined;
}

interface Series {
  readonly engine: Engine;
  readonly operation: Operation;
  /** The set that the calls were made for. */
  readonly setId: string;
  /** By second since 1970. */
  readonly calls: Map<number, number>;
  readonly throttled: Map<number, number>;
}

export class QuotaWindow {
  readonly #series = new Map<string, Series>();
  readonly #heardOf = new Map<string, number>();
  /** Each open claim, by sound hash: later events about it don't carry what it counts for. */
  readonly #claims = new Map<string, Claim>();

  #tidyAt = 0;

  /** @param timeMs the event's time on the broker's clock, in ms since 1970 */
  note(event: SetlistEvent, timeMs: number): void {
    const second = Math.floor(timeMs / 1_000);
    if (second >= this.#tidyAt) {
      this.#forget(second - KEPT_SECONDS);
      this.#tidyAt = second + TIDY_EVERY_SECONDS;
    }
    switch (event.name) {
      case 'SoundClaimed': {
        const { by, hash, lane, operation, for: item, lost } = event.data;
        this.#heardOf.set(by, second);
        if (lane) this.#claims.set(hash, { of: [lane, operation, item.set], taskId: lost?.taskId });
        break;
      }
      case 'SoundTaskStarted': {
        const { by, hash, taskId } = event.data;
        this.#heardOf.set(by, second);
        const claim = this.#claims.get(hash);
        // A dispatcher that takes a task over notes it again, but started nothing.
        if (claim && claim.taskId !== taskId) count(this.#seriesOf(...claim.of).calls, second);
        break;
      }
      case 'SoundPaid': {
        const { lane, how, by, hash, for: item } = event.data;
        this.#claims.delete(hash);
        if (how !== 'synthesized' && how !== 'task') break;
        this.#heardOf.set(by, second);
        // A task was counted when it started.
        if (how === 'synthesized') count(this.#seriesOf(lane, 'synthesize', item?.set ?? '').calls, second);
        break;
      }
      case 'SoundFreed': {
        const claim = this.#claims.get(event.data.hash);
        this.#claims.delete(event.data.hash);
        if (claim && THROTTLING.has(event.data.reason.code))
          count(this.#seriesOf(...claim.of).throttled, second);
        break;
      }
      default:
    }
  }

  #seriesOf(engine: Engine, operation: Operation, setId: string): Series {
    const name = `${engine}.${operation}.${setId}`;
    const known = this.#series.get(name);
    if (known) return known;
    const series = { engine, operation, setId, calls: new Map(), throttled: new Map() };
    this.#series.set(name, series);
    return series;
  }

  /**
   * @param nowMs by the broker's clock
   * @param counts whether to count a set's calls
   */
  use(nowMs: number, seconds: number, counts: (setId: string) => boolean = () => true): QuotaUse {
    const until = Math.floor(nowMs / 1_000) - 1;
    this.#forget(until - KEPT_SECONDS);
    const first = until - seconds + 1;
    const engines = new Map<string, QuotaUse['engines'][number]>();
    for (const { engine, operation, setId, calls, throttled } of this.#series.values()) {
      if (!counts(setId)) continue;
      const name = `${engine}.${operation}`;
      const zeros = (): number[] => new Array<number>(seconds).fill(0);
      const sum = engines.get(name) ?? { engine, operation, calls: zeros(), throttled: zeros() };
      engines.set(name, sum);
      addFrom(first, calls, sum.calls);
      addFrom(first, throttled, sum.throttled);
    }
    return {
      until,
      engines: [...engines.values()],
      dispatchers: [...this.#heardOf]
        .filter(([, second]) => second > until - ALIVE_SECONDS)
        .map(([by]) => by),
    };
  }

  #forget(before: number): void {
    for (const [name, { calls, throttled }] of this.#series) {
      for (const counted of [calls, throttled]) {
        for (const second of counted.keys()) if (second < before) counted.delete(second);
      }
      if (calls.size === 0 && throttled.size === 0) this.#series.delete(name);
    }
    for (const [by, second] of this.#heardOf) if (second < before) this.#heardOf.delete(by);
  }
}

/** Adds counts by second to a row of seconds that begins at `first`. */
function addFrom(first: number, counted: ReadonlyMap<number, number>, row: number[]): void {
  for (const [second, times] of counted) {
    const at = second - first;
    if (at >= 0 && at < row.length) row[at] = (row[at] ?? 0) + times;
  }
}

const count = (counted: Map<number, number>, second: number): void => {
  counted.set(second, (counted.get(second) ?? 0) + 1);
};
