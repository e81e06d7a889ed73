/** Durable consumers against a real broker that gets killed, and a consumer that gets deleted. */
import { EVENTS_STREAM, type EventOf, newEvent, subjects } from '@setlist/contracts';
import { eventually, startNats, type TestNats } from '@setlist/testkit';
import { connect } from 'nats';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EventLog, type Handout, openEventLog } from '../src/index.ts';

const DURABLE = 'listener';
const SET_ID = 'a-20261122t205012-k3f9q2';

let nats: TestNats;
let log: EventLog;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  nats = stack.use(await startNats());
  log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
});
afterEach(() => stack.disposeAsync());

const paused = (n: number): EventOf<'SetPaused'> =>
  newEvent(
    'SetPaused',
    { set: { name: 'a', location: '/out', notify: [] }, who: 'jane', afterSeq: n },
    { source: 'tracker', now: new Date(), setId: SET_ID },
  );

const append = (...numbers: number[]): Promise<unknown> => log.appendAll(numbers.map(paused));

const numberOf = ({ record }: Handout): number | undefined =>
  record.event?.name === 'SetPaused' ? record.event.data.afterSeq : undefined;

function listen(from = new Date(0), ackWaitMs = 1_000): AsyncGenerator<Handout> {
  const ending = new AbortController();
  stack.defer(() => ending.abort());
  return listenUntil(ending.signal, from, ackWaitMs);
}

const listenUntil = (signal: AbortSignal, from = new Date(0), ackWaitMs = 60_000): AsyncGenerator<Handout> =>
  log.durable({ durable: DURABLE, subjects: [subjects.state('*')], ackWaitMs, from: () => from }, signal);

async function take(reader: AsyncGenerator<Handout>): Promise<Handout> {
  const next = await reader.next();
  if (next.done) throw new Error('the reader has ended');
  return next.value;
}

test('a finished record is not redelivered, and a returned one is, with its deliveries counted', async () => {
  await append(1, 2);
  const reader = listen();
  const first = await take(reader);
  first.giveBack(50);
  // The two can come in either order.
  const rest: Handout[] = [];
  for (let n = 0; n < 2; n += 1) {
    const handout = await take(reader);
    handout.done();
    rest.push(handout);
  }
  expect(numberOf(first)).toBe(1);
  expect(new Map(rest.map((handout) => [numberOf(handout), handout.deliveries]))).toEqual(
    new Map([
      [1, 2],
      [2, 1],
    ]),
  );
  await append(3);
  expect(numberOf(await take(reader))).toBe(3);
});

test('an acknowledgement sent just before an orderly close takes effect', async () => {
  await append(1, 2);
  {
    await using leaving = await openEventLog({ servers: nats.url, name: 'leaving' });
    const reading = new AbortController();
    const options = {
      durable: DURABLE,
      subjects: [subjects.state('*')],
      ackWaitMs: 500,
      from: () => new Date(0),
    };
    const reader = leaving.durable(options, reading.signal);
    (await take(reader)).done();
    reading.abort();
  }
  const admin = await connect({ servers: nats.url });
  stack.defer(() => admin.close());
  const { consumers } = await admin.jetstreamManager();
  await eventually(async () => (await consumers.info(EVENTS_STREAM, DURABLE)).num_ack_pending === 0);
  const next = await take(listenUntil(AbortSignal.timeout(30_000)));
  expect([numberOf(next), next.deliveries]).toEqual([2, 1]);
});

test('two readers of one name share its records', async () => {
  await append(1, 2);
  const [one, other] = [listen(new Date(0), 60_000), listen(new Date(0), 60_000)];
  const taken = await Promise.all([take(one), take(other)]);
  expect(taken.map(numberOf).sort()).toEqual([1, 2]);
});

test('a thousand delayed records keep no other waiting', async () => {
  await append(...Array.from({ length: 1_200 }, (_, index) => index));
  const reader = listen();
  // A delay that is computed from the broker's clock has a fraction.
  for (let n = 0; n < 1_200; n++) (await take(reader)).giveBack(60_000 + 1 / 3);
  await append(7_777);
  expect(numberOf(await take(reader))).toBe(7_777);
});

test('a record without heartbeats goes to the next reader; one with heartbeats does not', async () => {
  await append(1, 2);
  const silent = await take(listen());
  // Opening the next reader can take longer than the ack wait.
  const opening = setInterval(() => silent.alive(), 200);
  const lively = await take(listen());
  clearInterval(opening);
  const signs = setInterval(() => lively.alive(), 200);
  const again = await take(listen());
  clearInterval(signs);
  expect(numberOf(again)).toBe(numberOf(silent));
});

test('reading continues where it was when the broker is killed and restarted', async () => {
  await append(1);
  const reader = listen();
  (await take(reader)).done();
  const next = take(reader);
  await nats.kill9();
  await nats.restart();
  await append(2);
  let handout = await next;
  // Acknowledgements don't survive a crash, and one sent during a reconnect can be lost too: the first record can be
  // redelivered, but none is lost.
  while (numberOf(handout) === 1) {
    handout.done();
    handout = await take(reader);
  }
  expect(numberOf(handout)).toBe(2);
});

test('a deleted consumer is made again', async () => {
  await append(1);
  const reader = listen();
  (await take(reader)).done();
  const next = take(reader);
  const admin = await connect({ servers: nats.url });
  stack.defer(() => admin.close());
  await (await admin.jetstreamManager()).consumers.delete(EVENTS_STREAM, DURABLE);
  await append(2);
  const again = await next;
  again.done();
  expect([numberOf(again), numberOf(await take(reader))]).toEqual([1, 2]);
});

test('an unread consumer is removed, but not one whose reader is just between two pulls', async () => {
  const admin = await connect({ servers: nats.url });
  stack.defer(() => admin.close());
  const { consumers } = await admin.jetstreamManager();
  const { signal } = new AbortController();
  await append(1);
  const reader = listen();
  let handout = await take(reader);
  const { created } = await consumers.info(EVENTS_STREAM, DURABLE);
  for (let n = 0; n < 5; n++) {
    let isLooking = true;
    const looked = log.removeUnread(DURABLE, 100, signal).finally(() => {
      isLooking = false;
    });
    while (isLooking) {
      handout.giveBack();
      handout = await take(reader);
    }
    await looked;
  }
  expect((await consumers.info(EVENTS_STREAM, DURABLE)).created).toBe(created);
  await log.removeUnread(DURABLE, 20, signal);
  await expect(consumers.info(EVENTS_STREAM, DURABLE)).rejects.toThrow('consumer not found');
});

test('a new consumer starts at the given moment, and an existing one continues where it was', async () => {
  await append(1);
  const first = (await log.last(subjects.state(SET_ID)))?.time.getTime() ?? 0;
  await eventually(() => log.clock.now() > first + 20);
  await append(2);
  const second = await take(listen(new Date(first + 5)));
  expect(numberOf(second)).toBe(2);
  second.done();
  await append(3);
  expect(numberOf(await take(listen(new Date(0))))).toBe(3);
});

test('a waiting reader ends when it is aborted, and later records go to the next one', async () => {
  const stopping = new AbortController();
  const waiting = listenUntil(stopping.signal);
  const waited = waiting.next();
  await append(1);
  const first = await waited;
  if (!first.done) first.value.done();
  const more = waiting.next();
  await Promise.resolve();
  stopping.abort();
  expect((await more).done).toBe(true);
  await append(2);
  const next = await take(listenUntil(AbortSignal.timeout(30_000)));
  expect([numberOf(next), next.deliveries]).toEqual([2, 1]);
});
