/** Handles each event of a set's life: announces it to people, by every channel that it is for. */
import { duration, type Reason, setOfSubject } from '@setlist/contracts';
import type { EventLog, Handout } from '@setlist/eventlog';
import { backoffDelayMs, Rarely } from '@setlist/runtime';
import { type DeliverDeps, type Delivery, deliver, type GatedChannel, giveUp } from './deliver.ts';
import { type Notice, noticeKey } from './domain/channel.ts';
import { channelsFor } from './domain/choose-channels.ts';
import type { Letter } from './domain/messages/letter.ts';
import { isNotable, kindOf, type NotableEvent } from './domain/notice-kind.ts';
import { namesFailures } from './name-failures.ts';
import { standingOf, whenToAnnounce } from './outdated.ts';
import { sideBySide } from './side-by-side.ts';
import type { Wording } from './templating/templates.ts';

export interface SetEventDeps extends DeliverDeps {
  readonly log: DeliverDeps['log'] & Pick<EventLog, 'read'>;
  readonly channels: readonly GatedChannel[];
  readonly wording: Wording;
  readonly ackWaitMs: number;
  readonly maxAgeMs: number;
}

/** How many events are remembered whose fault was logged; it is logged again for older ones. */
const REMEMBERED = 10_000;

/**
 * Handles the events that the log hands out. An event is done once each of its channels is settled; until then, unless
 * a channel of it is being tried, it is given back, for any replica to take next, and uses no memory here. The channels
 * of an event don't wait for each other, nor do events.
 */
export function setEventHandler(
  deps: SetEventDeps,
): (handout: Handout, signal: AbortSignal) => Promise<void> {
  const inHand = new Set<string>();
  const withFailuresNamed = namesFailures(deps.log);
  const faults = new Rarely(Number.POSITIVE_INFINITY, REMEMBERED);
  return async (handout, signal) => {
    const { event } = handout.record;
    if (event === undefined) return onUnreadable(handout, faults, deps);
    if (!isNotable(event)) return handout.done();
    // A broker that restarts can redeliver an event that this process still handles: one handling is enough.
    if (inHand.has(event.id)) return;
    inHand.add(event.id);
    const signs = setInterval(handout.alive, deps.ackWaitMs / 3);
    try {
      const tooOld = whyTooOld(event, handout, deps);
      const standing = await standingOf(event, handout, deps.log);
      if (standing === 'paused' && !tooOld) return untilResumed(event, handout, deps);
      if (typeof standing === 'object') {
        passOver(handout, `${event.name} is not sent: ${standing.outdated}`, deps);
        return handout.done();
      }
      const told = tooOld ? event : await withFailuresNamed(event, handout.record);
      const letter = deps.wording.letterAbout(told);
      const isInHand = (id: string) => inHand.has(id);
      const notice = noticeOf(event, handout, letter);
      const retryInMs = await tell(notice, { handout, tooOld, signal, isInHand, faults }, deps);
      if (retryInMs === undefined) handout.done();
      else handout.giveBack(retryInMs);
    } catch (error) {
      handout.giveBack(waitAfterError(error, event, handout.deliveries, deps));
    } finally {
      clearInterval(signs);
      inHand.delete(event.id);
    }
  };
}

/** @returns when to retry what failed so often, in ms */
function waitAfterError(error: unknown, event: NotableEvent, failures: number, deps: SetEventDeps): number {
  const entry = { event: 'handling-failed', cause: event.id, set: event.setId };
  deps.logger.error({ ...entry, err: error }, `${event.name} could not be handled; it is retried`);
  return backoffDelayMs(failures, { ...deps.retry, random: deps.random });
}

/**
 * A newer version's event is for a newer notifier: during a rolling update one can start soon, so the event is given
 * back for it. Anything else that can't be read is a bug of its author.
 */
function onUnreadable(handout: Handout, faults: Rarely, deps: SetEventDeps): void {
  const { record, deliveries } = handout;
  const { seq, problem } = record;
  if (faults.isDue(String(seq))) {
    const remedy =
      'An event of a newer version needs a newer notifier; anything else is a bug of the service that wrote it.';
    const message = `event ${seq} of the log is unreadable here`;
    const set = setOfSubject(record.subject);
    deps.logger.error({ event: 'unreadable', set, seq, ...problem, remedy }, message);
  }
  const isOfNewer = problem?.code === 'unknown-type';
  if (isOfNewer && ageOf(handout, deps) <= deps.maxAgeMs) {
    handout.giveBack(backoffDelayMs(deliveries, { ...deps.retry, random: deps.random }));
    return;
  }
  if (isOfNewer)
    passOver(handout, `event ${seq} still can't be read here, and nobody is notified of it`, deps);
  handout.done();
}

const ageOf = ({ record }: Handout, { log }: SetEventDeps): number => log.clock.now() - record.time.getTime();

/** Why an event that is too old is not sent: after days without a notifier, people get no flood of old news. */
function whyTooOld({ setId }: NotableEvent, handout: Handout, deps: SetEventDeps): Reason | undefined {
  const { maxAgeMs, retry } = deps;
  const ageMs = ageOf(handout, deps);
  // One that was handed out before may have been seen in time and retried since, or its first handling was cut short.
  const mostMs = maxAgeMs + (handout.deliveries > 1 ? retry.forMs : 0);
  if (ageMs <= mostMs) return undefined;
  const message = `It was ${duration(ageMs)} old before it could be sent; NOTIFY_MAX_AGE is ${duration(maxAgeMs)}.`;
  const remedy = `Run "setlist status ${setId}" to see how the set stands. To have such news sent in future, raise NOTIFY_MAX_AGE.`;
  return { code: 'too-old', message, remedy };
}

/** What is not true while the set is paused waits for its end, at most as long as any other message. */
function untilResumed(event: NotableEvent, handout: Handout, deps: SetEventDeps): void {
  const { forMs, capMs } = deps.retry;
  if (ageOf(handout, deps) > forMs) {
    const why = `the set is paused, and was until ${duration(forMs)} after it (RETRY_FOR)`;
    passOver(handout, `${event.name} is not sent: ${why}`, deps);
    handout.done();
    return;
  }
  // What is held here is not tried: the note must not count it.
  for (const { gate } of deps.channels) gate.unsettled.handedOut(noticeKey(event.id), handout.deliveries);
  const message = `${event.name} is not sent while its set is paused; the set is looked at again in ${duration(capMs)}`;
  deps.logger.debug({ event: 'set-paused', cause: event.id, set: event.setId }, message);
  handout.giveBack(capMs);
}

function passOver(handout: Handout, message: string, deps: SetEventDeps, more: object = {}): void {
  const { seq, event, subject } = handout.record;
  const ageMs = Math.round(ageOf(handout, deps));
  const entry = { event: 'passed-over', cause: event?.id, set: setOfSubject(subject), seq, ageMs, ...more };
  deps.logger.warn(entry, message);
}

const noticeOf = (event: NotableEvent, { record }: Handout, letter: Letter): Notice => ({
  key: noticeKey(event.id),
  kind: kindOf(event),
  event,
  seq: record.seq,
  storedAt: record.time,
  letter,
});

interface Handling {
  readonly handout: Handout;
  /** If it is not to be sent: why. */
  readonly tooOld: Reason | undefined;
  readonly signal: AbortSignal;
  /** Whether this process is handling an event. */
  readonly isInHand: (id: string) => boolean;
  /** Which events' faults were logged: at its first delivery an event may not have come so far. */
  readonly faults: Rarely;
}

/** @returns when to retry what is not settled, in ms; undefined when everything is settled */
function tell(notice: Notice, handling: Handling, deps: SetEventDeps): Promise<number | undefined> {
  const { event } = notice;
  const { chosen, unknown } = channelsFor(
    event,
    deps.channels.map(({ channel }) => channel),
  );
  if (unknown.length > 0 && handling.faults.isDue(event.id)) {
    const names = { unknown, used: chosen.map(({ name }) => name) };
    deps.logger.warn(
      { event: 'unknown-channel', cause: event.id, set: event.setId, ...names },
      `the set names channels that are not configured here: ${unknown.join(', ')}; used: ${names.used.join(', ')}`,
    );
  }
  const tries = deps.channels
    .filter(({ channel }) => chosen.includes(channel))
    .map((gated) => {
      let failures = handling.handout.deliveries - 1;
      return () =>
        tellBy(gated, notice, handling, deps).catch((error): Delivery => {
          failures++;
          return { settled: false, retryInMs: waitAfterError(error, event, failures, deps) };
        });
    });
  return sideBySide(tries, handling.signal);
}

async function tellBy(
  gated: GatedChannel,
  notice: Notice,
  { handout, tooOld, signal, isInHand }: Handling,
  deps: SetEventDeps,
): Promise<Delivery> {
  const { event } = notice;
  const { channel, gate } = gated;
  const sentWithinMs = 2 * deps.ackWaitMs + (channel.tryWithinMs ?? 0);
  const when = await whenToAnnounce(event, handout, channel, { log: deps.log, isInHand, sentWithinMs });
  if (when === 'now' && tooOld) return giveUp(notice, gated, tooOld, deps);
  if (when === 'now') {
    const isCurrent = async () => (await standingOf(event, handout, deps.log)) === 'current';
    return deliver(notice, gated, { times: handout.deliveries, isCurrent, signal }, deps);
  }
  if (when !== 'never') {
    gate.unsettled.handedOut(notice.key, handout.deliveries);
    return { settled: false, retryInMs: when.askAgainInMs };
  }
  const why = `is not sent by ${channel.name}, which never announced the stall`;
  // The event is handed out again for as long as another channel is not settled.
  if (gate.unsettled.isNews(notice.key, 'passed-over'))
    passOver(handout, `${event.name} ${why}`, deps, { channel: channel.name });
  return { settled: true };
}
