/** Lanes of work on a real broker: requests that are taken and not begun go back at once when a dispatcher stops. */
import { EVENTS_STREAM } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { connect } from 'nats';
import { expect, test } from 'vitest';
import { isReaderLost, type Lane, type Work } from '../src/index.ts';
import { brokerOfSuite, requested } from './rig.ts';

const ACK_WAIT_MS = 60_000;

const broker = brokerOfSuite();

const onUnreadable = (): never => {
  throw new Error('every request can be read');
};

async function laneOf(setId: string, items: number): Promise<Lane> {
  await broker.log.appendAll(Array.from({ length: items }, (_, index) => requested(setId, index)));
  const lane = { setId, lane: 'neural' };
  await broker.log.openLane(lane, { fromSeq: 1, ackWaitMs: ACK_WAIT_MS, maxUnfinished: 5_000 });
  return lane;
}

test('requests on their way when a take is aborted still arrive, so that they can be given back', async () => {
  const items = 1_000;
  const lane = await laneOf('a-20261122t205012-aaaaaa', items);
  const stop = new AbortController();
  const { signal } = stop;
  for await (const work of broker.log
    .laneReader(lane)
    .take({ max: items, waitMs: 5_000, onUnreadable, signal })) {
    stop.abort();
    work.giveBack(0);
  }
  // A request that was lost on its way would only come after a minute.
  const seen = new Set<number>();
  const never = new AbortController().signal;
  const rest = { max: items, waitMs: ACK_WAIT_MS / 2, onUnreadable, signal: never };
  for await (const work of broker.log.laneReader(lane).take(rest)) seen.add(indexOf(work));
  expect(seen.size).toBe(items);
});

test('a take fails as lost when its lane is closed', async () => {
  const lane = await laneOf('b-20261122t205012-bbbbbb', 1);
  const reader = broker.log.laneReader(lane);
  const { signal } = new AbortController();
  const taken: Work[] = [];
  const take = async (): Promise<void> => {
    for await (const work of reader.take({ max: 10, waitMs: 5_000, onUnreadable, signal })) {
      taken.push(work);
      await broker.log.closeLane(lane);
    }
  };
  const error = await take().catch((thrown: unknown) => thrown);
  expect(isReaderLost(error)).toBe(true);
  expect(taken).toHaveLength(1);
});

test('opening an existing lane applies the new options', async () => {
  const lane = await laneOf('c-20261122t205012-cccccc', 1);
  await broker.log.openLane(lane, { fromSeq: 1, ackWaitMs: 100, maxUnfinished: 5_000 });
  const { signal } = new AbortController();
  const deliveries: number[] = [];
  // With the old options, an unfinished request would come again only after a minute.
  await eventually(async () => {
    const terms = { max: 1, waitMs: 1_000, onUnreadable, signal };
    for await (const work of broker.log.laneReader(lane).take(terms)) deliveries.push(work.deliveries);
    return deliveries.includes(2);
  });
});

test('lanes opened one after the other don’t each have the log’s end asked for', async () => {
  const lane = await laneOf('d-20261122t205012-dddddd', 3);
  const { signal } = new AbortController();
  const terms = { max: 3, waitMs: 1_000, onUnreadable, signal };
  for await (const work of broker.log.laneReader(lane).take(terms)) work.done();
  const again = { fromSeq: 1, ackWaitMs: ACK_WAIT_MS, maxUnfinished: 5_000 };
  await broker.log.openLane(lane, again);
  const observer = await connect({ servers: broker.nats.url });
  const asked = { log: 0, lane: 0 };
  observer.subscribe(`$JS.API.STREAM.INFO.${EVENTS_STREAM}`, { callback: () => asked.log++ });
  observer.subscribe('$JS.API.CONSUMER.>', { callback: () => asked.lane++ });
  await observer.flush();
  for (let times = 0; times < 20; times++) await broker.log.openLane(lane, again);
  await observer.drain();
  expect(asked.lane).toBe(20);
  expect(asked.log).toBeLessThan(10);
});

test('more than a thousand sets can be open at once, on every broker', async () => {
  const open = (index: number): Promise<void> =>
    broker.log.openLane(
      { setId: `many-${index}`, lane: 'neural' },
      { fromSeq: 1, ackWaitMs: ACK_WAIT_MS, maxUnfinished: 1 },
    );
  for (let first = 0; first < 1_100; first += 100)
    await Promise.all(Array.from({ length: 100 }, (_, index) => open(first + index)));
  expect((await broker.log.existingLanes()).length).toBeGreaterThanOrEqual(1_100);
});

const indexOf = ({ record }: Work): number => record.event.data.index;
