/** A power cut that takes the end of the log and leaves what the broker remembers of its consumers. */
import { EVENTS_STREAM, type SetlistEvent, subjects, workDurable } from '@setlist/contracts';
import { eventually, keptLog, startNats, type TestNats } from '@setlist/testkit';
import { connect } from 'nats';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EventLog, type Lane, openEventLog } from '../src/index.ts';
import { relayTo } from './relay.ts';
import { paused, requested } from './rig.ts';

const DURABLE = 'listener';
const SET_ID = 'a-20261122t205012-k3f9q2';
const LANE: Lane = { setId: SET_ID, lane: 'neural' };
const LANE_OPTIONS = { fromSeq: 1, ackWaitMs: 60_000, maxUnfinished: 5_000 };

let nats: TestNats;
let log: EventLog;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  nats = stack.use(await startNats());
  log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
});
afterEach(() => stack.disposeAsync());

const append = (...numbers: number[]): Promise<unknown> =>
  log.appendAll(numbers.map((n) => paused(SET_ID, n)));

/** Finishes whatever is handed out, until stopped. */
function listen(reader = log) {
  const stopping = new AbortController();
  const heard: unknown[] = [];
  const options = {
    durable: DURABLE,
    subjects: [subjects.state('*')],
    ackWaitMs: 60_000,
    from: () => new Date(0),
  };
  const listening = (async () => {
    for await (const { record, done } of reader.durable(options, stopping.signal)) {
      heard.push(numberOf(record.event));
      done();
    }
  })();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await listening;
  };
  stack.defer(stop);
  const hears = (...numbers: number[]) => eventually(() => numbers.every((n) => heard.includes(n)));
  return { heard, hears, stop };
}

const numberOf = (event: SetlistEvent | undefined): number | undefined => {
  if (event?.name === 'SetPaused') return event.data.afterSeq;
  return event?.name === 'ItemRequested' ? event.data.index : undefined;
};

/** Waits until the broker has the acknowledgements of all that was handed out. */
async function untilFinished(durable: string): Promise<void> {
  const admin = await connect({ servers: nats.url });
  const { consumers } = await admin.jetstreamManager();
  await eventually(async () => {
    const { num_pending, num_ack_pending } = await consumers.info(EVENTS_STREAM, durable);
    return num_pending + num_ack_pending === 0;
  });
  await admin.close();
}

describe('a durable consumer that is ahead of a log that lost its end', () => {
  test('hands out what follows when it is opened again', async () => {
    await append(1);
    const loseEnd = await keptLog(nats);
    await append(2, 3, 4);
    const before = listen();
    await before.hears(1, 2, 3, 4);
    await untilFinished(DURABLE);
    await before.stop();
    await loseEnd();
    await append(12, 13);
    await listen().hears(12, 13);
  });

  test('hands out what follows if it is open already', async () => {
    await append(1);
    const loseEnd = await keptLog(nats);
    await append(2, 3, 4);
    const { hears } = listen();
    await hears(1, 2, 3, 4);
    await untilFinished(DURABLE);
    await loseEnd();
    await append(12, 13);
    await hears(12, 13);
  });

  test('hands out what follows if the log has grown past it before its reader is back', async () => {
    await append(1);
    const loseEnd = await keptLog(nats);
    await append(2, 3, 4);
    const { hears } = listen();
    await hears(1, 2, 3, 4);
    await untilFinished(DURABLE);
    await loseEnd();
    await append(12, 13, 14, 15, 16);
    await hears(12, 13, 14, 15, 16);
  });

  test('hands out what follows if it asked for more before it noticed', async () => {
    const relay = stack.use(await relayTo(nats.url));
    const far = stack.use(await openEventLog({ servers: relay.url, name: 'far' }));
    await append(1);
    const loseEnd = await keptLog(nats);
    await append(2, 3, 4);
    const { hears } = listen(far);
    await hears(1, 2, 3, 4);
    await untilFinished(DURABLE);
    relay.fallSilent();
    await loseEnd();
    await append(12, 13, 14, 15, 16);
    // Once it has asked for more in vain, while it does not know that it is cut off.
    const { length } = relay.said;
    await eventually(() => relay.said.slice(length).includes('CONSUMER.MSG.NEXT'));
    relay.cut();
    await hears(12, 13, 14, 15, 16);
  });

  test('starts over once, even if the log has grown past it before the client connects again', async () => {
    const relay = stack.use(await relayTo(nats.url));
    const far = stack.use(await openEventLog({ servers: relay.url, name: 'far' }));
    await append(1);
    const loseEnd = await keptLog(nats);
    await append(2, 3, 4);
    const { heard, hears } = listen(far);
    await hears(1, 2, 3, 4);
    await untilFinished(DURABLE);
    await loseEnd();
    await append(12);
    await hears(12);
    await untilFinished(DURABLE);
    await log.appendAll([0, 1, 2, 3].map((index) => requested(SET_ID, index)));
    const { length } = relay.said;
    relay.cut();
    // It has compared the log with what it knows, and asks for more.
    await eventually(() => /STREAM\.MSG\.GET.*CONSUMER\.MSG\.NEXT/s.test(relay.said.slice(length)));
    await append(13);
    await hears(13);
    // The first one too, unless the broker has rolled the consumer back by itself, as 2.15 does.
    expect(heard.slice(4).filter((number) => number !== 1)).toEqual([12, 13]);
  });
});

test('a lane that is ahead of a log that lost its end hands out what is requested again', async () => {
  const request = (...indexes: number[]) => log.appendAll(indexes.map((index) => requested(SET_ID, index)));
  const take = async (max: number): Promise<unknown[]> => {
    const taken: unknown[] = [];
    const onUnreadable = async (): Promise<void> => undefined;
    const { signal } = new AbortController();
    for await (const { record, done } of log
      .laneReader(LANE)
      .take({ max, waitMs: 2_000, onUnreadable, signal })) {
      taken.push(numberOf(record.event));
      done();
    }
    return taken;
  };
  await request(0);
  const loseEnd = await keptLog(nats);
  await request(1, 2, 3);
  await log.openLane(LANE, LANE_OPTIONS);
  expect(await take(4)).toHaveLength(4);
  await untilFinished(workDurable(LANE.setId, LANE.lane));
  await loseEnd();
  await request(1, 2);
  await log.openLane(LANE, LANE_OPTIONS);
  expect(await take(3)).toEqual(expect.arrayContaining([1, 2]));
});
