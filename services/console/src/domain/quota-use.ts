/** How much of each quota was used over the last minutes, second by second, as the ledger in the log tells it. */
import type { SetlistEvent } from '@setlist/contracts';
import type { Engine, Operation } from '@setlist/polly';
import { z } from 'zod';

/** How far back is kept, in seconds. */
export const KEPT_SECONDS = 900;
const ALIVE_SECONDS = 60;

export const quotaUseSchema = z.object({
  until: z.int().describe('the last whole second, in seconds since 1970, on the broker’s clock'),
  engines: z.array(
    z.object({
      engine: z.string(),
      operation: z.enum(['synthesize', 'task']),
      calls: z.array(z.int()).describe('calls that were paid, for each second, the oldest first'),
      throttled: z.array(z.int()),
    }),
  ),
  dispatchers: z.array(z.string()).describe('those that were heard of within the last minute'),
});
export type QuotaUse = z.infer<typeof quotaUseSchema>;

interface Series {
  readonly engine: Engine;
  readonly operation: Operation;
  /** By second since 1970. */
  readonly calls: Map<number, number>;
  readonly throttled: Map<number, number>;
}

export class QuotaWindow {
  readonly #series = new Map<string, Series>();
  readonly #heardOf = new Map<string, number>();
  /** Which quota each claim under way is on: what frees it does not say. */
  readonly #claims = new Map<string, Series>();

  /** Takes one event in, as of its time on the broker in ms. */
  note(event: SetlistEvent, timeMs: number): void {
    const second = Math.floor(timeMs / 1_000);
    switch (event.name) {
      case 'SoundClaimed': {
        const { by, hash, lane, operation } = event.data;
        this.#heardOf.set(by, second);
        if (lane) this.#claims.set(hash, this.#seriesOf(lane, operation));
        break;
      }
      case 'SoundPaid': {
        const { lane, how, by, hash } = event.data;
        this.#claims.delete(hash);
        if (how !== 'synthesized' && how !== 'task') break;
        this.#heardOf.set(by, second);
        count(this.#seriesOf(lane, how === 'task' ? 'task' : 'synthesize').calls, second);
        break;
      }
      case 'SoundFreed': {
        const claimed = this.#claims.get(event.data.hash);
        this.#claims.delete(event.data.hash);
        if (claimed && event.data.reason.code === 'ThrottlingException') count(claimed.throttled, second);
        break;
      }
      default:
    }
  }

  #seriesOf(engine: Engine, operation: Operation): Series {
    const name = `${engine}.${operation}`;
    const known = this.#series.get(name);
    if (known) return known;
    const series = { engine, operation, calls: new Map(), throttled: new Map() };
    this.#series.set(name, series);
    return series;
  }

  /** The last minutes, as of now on the broker's clock in ms. */
  use(nowMs: number, seconds: number = KEPT_SECONDS): QuotaUse {
    const until = Math.floor(nowMs / 1_000) - 1;
    this.#forget(until - KEPT_SECONDS);
    const inOrder = (counted: ReadonlyMap<number, number>): number[] =>
      Array.from({ length: seconds }, (_, at) => counted.get(until - seconds + 1 + at) ?? 0);
    return {
      until,
      engines: [...this.#series.values()].map(({ engine, operation, calls, throttled }) => ({
        engine,
        operation,
        calls: inOrder(calls),
        throttled: inOrder(throttled),
      })),
      dispatchers: [...this.#heardOf]
        .filter(([, second]) => second > until - ALIVE_SECONDS)
        .map(([by]) => by),
    };
  }

  #forget(before: number): void {
    for (const { calls, throttled } of this.#series.values()) {
      for (const counted of [calls, throttled]) {
        for (const second of counted.keys()) if (second < before) counted.delete(second);
      }
    }
    for (const [by, second] of this.#heardOf) if (second < before) this.#heardOf.delete(by);
  }
}

const count = (counted: Map<number, number>, second: number): void => {
  counted.set(second, (counted.get(second) ?? 0) + 1);
};
