/** The broker's clock, so that hosts with wrong clocks still agree on claims, quotas and stalls. */
import { clockKey } from '@setlist/contracts';
import type { KV } from 'nats';
import { untilAnswered } from './connection/connection.ts';

/** Reads the broker's time, in ms since 1970, from the host's steady clock and a measured offset. */
export interface BrokerClock {
  now(): number;
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
}

/** The host's time on a clock that never jumps while the process runs. */
const hostNow = (): number => performance.timeOrigin + performance.now();

/**
 * Measures the offset by writing a key and reading when the broker stored it; of several tries the fastest
 * round trip counts. Seen to agree within a millisecond on one machine, with host clocks wrong by seconds.
 */
export async function startBrokerClock(
  kv: KV,
  { clientId, limit, everyMs = EVERY_MS }: ClockOptions,
): Promise<BrokerClock & { [Symbol.dispose](): void }> {
  const key = clockKey(clientId);
  let offset = await measuredOffset(kv, key, limit);
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // A failed measurement leaves the last offset in force; the next one comes in its turn.
    measuredOffset(kv, key)
      .then(
        (measured) => (offset = measured),
        () => undefined,
      )
      .finally(() => (busy = false));
  }, everyMs);
  timer.unref();
  return {
    now: () => hostNow() + offset,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** How far the broker's clock is ahead of the host's, in ms. */
async function measuredOffset(kv: KV, key: string, signal?: AbortSignal): Promise<number> {
  let best: { offset: number; tookMs: number } | undefined;
  for (let sample = 0; sample < SAMPLES || best === undefined; sample++) {
    const { sent, answered, revision } = await untilAnswered(async () => {
      // Of this try alone: one that waited for a broker that was away says nothing of the way there.
      const sent = hostNow();
      const revision = await kv.put(key, '');
      return { sent, answered: hostNow(), revision };
    }, signal);
    const entry = await untilAnswered(() => kv.get(key), signal);
    const tookMs = answered - sent;
    // Another process may have put the key since.
    if (entry?.revision !== revision || (best && best.tookMs <= tookMs)) continue;
    best = { offset: entry.created.getTime() + 0.5 - (sent + answered) / 2, tookMs };
  }
  return best.offset;
}
