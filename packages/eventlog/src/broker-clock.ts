/** The broker's clock, so that hosts with wrong clocks still agree on claims, quotas and stalls. */
import { clockKey } from '@setlist/contracts';
import type { KV } from 'nats';
import { untilAnswered } from './connection/connection.ts';
import { HostClock } from './host-clock.ts';

/** Reads the broker's time, in ms since 1970, from the host's clock and a measured offset. */
export interface BrokerClock {
  now(): number;
  /** Measures the offset from now on, for a caller that saw an impossible time. On failure the last offset stays. */
  measure(): Promise<void>;
}

const SAMPLES = 5;
const EVERY_MS = 10_000;

export interface ClockOptions {
  /** Selects the key to write; several processes can share one. */
  readonly clientId: number;
  /** Ends the first measurement if the broker does not answer. */
  readonly limit?: AbortSignal;
  /** Interval between measurements, in ms. */
  readonly everyMs?: number;
  readonly host?: HostClock;
}

/**
 * Measures the offset by writing a key and reading back when the broker stored it; of several samples, the one with
 * the fastest round trip counts. Observed accuracy on one machine: a millisecond, with host clocks wrong by seconds.
 */
export async function startBrokerClock(
  kv: KV,
  { clientId, limit, everyMs = EVERY_MS, host = new HostClock() }: ClockOptions,
): Promise<BrokerClock & { [Symbol.dispose](): void }> {
  const place = { kv, key: clockKey(clientId) };
  let offset = await measuredOffset(place, host, limit);
  let underWay: Promise<void> | undefined;
  const measure = (): Promise<void> => {
    // A failed measurement leaves the last offset in force until the next interval.
    underWay ??= measuredOffset(place, host)
      .then(
        (measured) => {
          offset = measured;
        },
        () => undefined,
      )
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  const timer = setInterval(measure, everyMs);
  timer.unref();
  // The host's own clock gives the length of a sleep only roughly, so measure again.
  host.onStep = () => void measure();
  return {
    now: () => host.now() + offset,
    async measure() {
      await underWay;
      await measure();
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** How far the broker's clock is ahead of the host's, in ms. */
async function measuredOffset(
  { kv, key }: { kv: KV; key: string },
  host: HostClock,
  signal?: AbortSignal,
): Promise<number> {
  let best: { offset: number; tookMs: number } | undefined;
  for (let sample = 0; sample < SAMPLES || best === undefined; sample++) {
    const { sent, answered, revision } = await untilAnswered(async () => {
      // Set again in each try: time spent waiting for an unreachable broker is not part of the round trip.
      const sent = host.now();
      const revision = await kv.put(key, '');
      return { sent, answered: host.now(), revision };
    }, signal);
    const entry = await untilAnswered(() => kv.get(key), signal);
    const tookMs = answered - sent;
    // Another process can have written the key in between.
    if (entry?.revision !== revision || (best && best.tookMs <= tookMs)) continue;
    best = { offset: entry.created.getTime() + 0.5 - (sent + answered) / 2, tookMs };
  }
  return best.offset;
}
