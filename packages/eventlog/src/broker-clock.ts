/** The broker's clock, so that hosts with wrong clocks still agree on claims, quotas and stalls. */
import { clockKey } from '@setlist/contracts';
import type { KV } from 'nats';
import { untilAnswered } from './connection/connection.ts';
import { HostClock } from './host-clock.ts';

/** Reads the broker's time, in ms since 1970, from the host's clock and a measured offset. */
export interface BrokerClock {
  now(): number;
  /** Measures the offset anew, beginning now: for who has seen a time that can't be. Where it fails, the last one stays. */
  measure(): Promise<void>;
}

const SAMPLES = 5;
const EVERY_MS = 10_000;

export interface ClockOptions {
  /** Of several processes some may put the same key. */
  readonly clientId: number;
  /** Ends the first measurement where the broker does not answer. */
  readonly limit?: AbortSignal;
  /** How often it is measured again, in ms. */
  readonly everyMs?: number;
  readonly host?: HostClock;
}

/**
 * Measures the offset by writing a key and reading when the broker stored it; of several tries the fastest
 * round trip counts. Seen to agree within a millisecond on one machine, with host clocks wrong by seconds.
 */
export async function startBrokerClock(
  kv: KV,
  { clientId, limit, everyMs = EVERY_MS, host = new HostClock() }: ClockOptions,
): Promise<BrokerClock & { [Symbol.dispose](): void }> {
  const place = { kv, key: clockKey(clientId) };
  let offset = await measuredOffset(place, host, limit);
  let underWay: Promise<void> | undefined;
  const measure = (): Promise<void> => {
    // A failed measurement leaves the last offset in force; the next one comes in its turn.
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
  // How long the host slept is known no better than its own clock tells.
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
      // Of this try alone: one that waited for a broker that was away says nothing of the way there.
      const sent = host.now();
      const revision = await kv.put(key, '');
      return { sent, answered: host.now(), revision };
    }, signal);
    const entry = await untilAnswered(() => kv.get(key), signal);
    const tookMs = answered - sent;
    // Another process may have put the key since.
    if (entry?.revision !== revision || (best && best.tookMs <= tookMs)) continue;
    best = { offset: entry.created.getTime() + 0.5 - (sent + answered) / 2, tookMs };
  }
  return best.offset;
}
