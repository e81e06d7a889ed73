/** Makes the tries of one event's channels side by side, so that a slow one does not delay the retries of the others. */
import { sleepAtMost } from '@setlist/runtime';
import type { Delivery } from './deliver.ts';

/**
 * Tries each channel, and again whenever its wait is over, for as long as any of them is still being tried; not
 * where the event is to be looked at anew.
 *
 * @returns when to retry what is not settled, in ms; undefined when everything is settled
 */
export async function sideBySide(
  channels: readonly (() => Promise<Delivery>)[],
  signal: AbortSignal,
): Promise<number | undefined> {
  const allWait = new AbortController();
  const end = AbortSignal.any([signal, allWait.signal]);
  let underWay = channels.length;
  const untilSettled = async (attempt: () => Promise<Delivery>): Promise<readonly number[]> => {
    for (;;) {
      const delivery = await attempt();
      if (--underWay === 0) allWait.abort();
      if (delivery.settled) return [];
      const { retryInMs, anew } = delivery;
      if (anew || end.aborted) return [retryInMs];
      const sinceMs = performance.now();
      await sleepAtMost(retryInMs, end);
      if (end.aborted) return [Math.max(0, Math.ceil(retryInMs - (performance.now() - sinceMs)))];
      underWay++;
    }
  };
  const waits = (await Promise.all(channels.map(untilSettled))).flat();
  return waits.length === 0 ? undefined : Math.min(...waits);
}
