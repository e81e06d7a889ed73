/** The broker's clock, so that hosts with wrong clocks still agree on claims, quotas and stalls. */
import { clockKey } from '@setlist/contracts';
import type { KV } from 'nats';
import { untilAnswered } from './connection.ts';

/** Reads the broker's time, in ms since 1970, from the host's steady clock and a measured offset. */
export interface BrokerClock {
  now(): number;
}

const SAMPLES = 5;
const EVERY_MS = 10_000;

/** The host's time on a clock that never jumps while the process runs. */
const hostNow = (): number => performance.timeOrigin + performance.now();

/**
 * Measures the offset by writing a key and reading when the broker stored it; of several tries the fastest
 * round trip counts. Seen to agree within a millisecond on one machine, with host clocks wrong by seconds.
 * @param limit ends the first measurement where the broker does not answer
 */
export async function startBrokerClock(
  kv: KV,
  clientId: string,
  limit?: AbortSignal,
): Promise<BrokerClock & { [Symbol.dispose](): void }> {
  const key = clockKey(clientId);
  let offset = 0;
  const synchronize = async (signal?: AbortSignal): Promise<void> => {
    let fastest = Number.POSITIVE_INFINITY;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const sent = hostNow();
      await untilAnswered(() => kv.put(key, ''), signal);
      const answered = hostNow();
      const entry = await untilAnswered(() => kv.get(key), signal);
      if (entry && answered - sent < fastest) {
        fastest = answered - sent;
        offset = entry.created.getTime() + 0.5 - (sent + answered) / 2;
      }
    }
  };
  await synchronize(limit);
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // A failed measurement leaves the last offset in force; the next one comes in ten seconds.
    synchronize().then(
      () => (busy = false),
      () => (busy = false),
    );
  }, EVERY_MS);
  timer.unref();
  return {
    now: () => hostNow() + offset,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
