/** What the notifier does with each event of a set's life: tell people of it, by every channel it belongs to. */
import type { Handout, Recorded } from '@setlist/eventlog';
import { backoffDelayMs } from '@setlist/runtime';
import { type DeliverDeps, deliver, type GatedChannel } from './deliver.ts';
import { type Notice, noticeKey } from './domain/channel.ts';
import { channelsFor } from './domain/choose-channels.ts';
import { duration } from './domain/messages/wording.ts';
import { isNotable, kindOf, type NotableEvent } from './domain/notice-kind.ts';
import type { Wording } from './templating/templates.ts';

export interface SetEventDeps extends DeliverDeps {
  readonly channels: readonly GatedChannel[];
  readonly wording: Wording;
  readonly ackWaitMs: number;
  readonly maxAgeMs: number;
}

/**
 * Handles what the log hands out. An event is finished once each of its channels is settled; until then it is
 * given back, to whichever replica takes it next, and costs no memory here. The channels of an event don't wait
 * for each other, nor do events.
 */
export function setEventHandler(
  deps: SetEventDeps,
): (handout: Handout, signal: AbortSignal) => Promise<void> {
  const inHand = new Set<string>();
  return async (handout, signal) => {
    const event = notableIn(handout.record, deps);
    if (event === undefined || isTooOld(event, handout, deps)) return handout.done();
    // A broker that restarts may hand out what this process still works on: one of the two is enough.
    if (inHand.has(event.id)) return;
    inHand.add(event.id);
    const signs = setInterval(handout.alive, deps.ackWaitMs / 3);
    try {
      const retryInMs = await tell(event, handout, signal, deps);
      if (retryInMs === undefined) handout.done();
      else handout.giveBack(retryInMs);
    } catch (error) {
      const message = `${event.name} could not be handled; it is tried again`;
      deps.logger.error({ event: 'handling-failed', cause: event.id, err: error }, message);
      handout.giveBack(backoffDelayMs(handout.deliveries, { ...deps.retry, random: deps.random }));
    } finally {
      clearInterval(signs);
      inHand.delete(event.id);
    }
  };
}

function notableIn({ event, problem, seq }: Recorded, { logger }: SetEventDeps): NotableEvent | undefined {
  if (event === undefined) {
    const remedy =
      'An event of a newer version needs a newer notifier; anything else is a fault of its author.';
    logger.error(
      { event: 'unreadable', seq, ...problem, remedy },
      `event ${seq} of the log is unreadable here`,
    );
    return undefined;
  }
  return isNotable(event) ? event : undefined;
}

/** Old news, seen for the first time: a notifier that was off for days doesn't mail about every one of them. */
function isTooOld(event: NotableEvent, { record, deliveries }: Handout, deps: SetEventDeps): boolean {
  const ageMs = deps.log.clock.now() - record.time.getTime();
  if (deliveries > 1 || ageMs <= deps.maxAgeMs) return false;
  deps.logger.warn(
    { event: 'passed-over', cause: event.id, seq: record.seq, ageMs: Math.round(ageMs) },
    `${event.name} is ${duration(ageMs)} old and is not told any more (NOTIFY_MAX_AGE is ${duration(deps.maxAgeMs)})`,
  );
  return true;
}

/** @returns when to try again what is not settled, in ms; nothing when all of it is */
async function tell(
  event: NotableEvent,
  { record, deliveries: times }: Handout,
  signal: AbortSignal,
  deps: SetEventDeps,
): Promise<number | undefined> {
  const notice: Notice = {
    key: noticeKey(event.id),
    kind: kindOf(event),
    event,
    storedAt: record.time,
    letter: deps.wording.letterAbout(event),
  };
  const { chosen, unknown } = channelsFor(
    event,
    deps.channels.map(({ channel }) => channel),
  );
  if (unknown.length > 0) {
    const names = { unknown, used: chosen.map(({ name }) => name) };
    deps.logger.warn(
      { event: 'unknown-channel', cause: event.id, ...names },
      `the set names channels that are not configured here: ${unknown.join(', ')}; told by ${names.used.join(', ')}`,
    );
  }
  const deliveries = await Promise.all(
    deps.channels
      .filter(({ channel }) => chosen.includes(channel))
      .map((gated) => deliver(notice, gated, { times, signal }, deps)),
  );
  const waits = deliveries.flatMap((delivery) => (delivery.settled ? [] : [delivery.retryInMs]));
  return waits.length === 0 ? undefined : Math.min(...waits);
}
