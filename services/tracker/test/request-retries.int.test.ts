/** What is requested again for a retry, and what is read for it. */
import { subjects } from '@setlist/contracts';
import { type EventLog, LogEndLost, type Recorded } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { rebuildProjections } from '@setlist/sets';
import { eventually, keptLog, type SetEvents } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { requestsOf } from '../src/adapters/set-in-log.ts';
import { answerCommands } from '../src/on-command.ts';
import { requestRetries } from '../src/request-retries.ts';
import { eventsOfRun, tell } from './tell.ts';
import {
  asked,
  askedAgain,
  failedOf,
  indexesOf,
  openWorld,
  outcomes,
  requestedAgain,
  tellWithoutIds,
  type World,
} from './world.ts';

const ITEMS = 40;
const failed = failedOf(ITEMS);

/** A log of which the test looks at each record before it is read. */
function lookedAt(log: EventLog, look: (record: Recorded) => unknown): EventLog {
  const read: EventLog['read'] = async function* (selection) {
    for await (const record of log.read(selection)) {
      await look(record);
      yield record;
    }
  };
  return { ...log, read };
}

/** Requests retries again, until disposed, and collects what it logs. */
function askingAgain(
  log: EventLog,
): AsyncDisposable & { readonly entries: readonly unknown[]; readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const entries: unknown[] = [];
  const destination = { write: (line: string) => void entries.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'tracker', level: 'info', pretty: false, destination });
  const running = requestRetries({ log, logger }, stopping.signal);
  running.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { entries, stop, [Symbol.asyncDispose]: stop };
}

test('a retry does not wait for the retry of a longer set', async () => {
  await using world = await openWorld();
  const [long, short] = [eventsOfRun(1, ITEMS), eventsOfRun(2, ITEMS)];
  for (const set of [long, short]) await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS)]);
  await world.tell([long.retried(2, failed.length), short.retried(2, failed.length)]);
  await rebuildProjections(world.log);
  const { promise, resolve } = Promise.withResolvers<void>();
  const longRequests = subjects.requested(long.id, 'neural');
  const log = lookedAt(world.log, ({ subject }) => subject === longRequests && promise);
  await using _asking = askingAgain(log);
  using _ = { [Symbol.dispose]: resolve };
  await eventually(async () => expect(indexesOf(await askedAgain(world, short.id))).toEqual(failed));
  expect(await askedAgain(world, long.id)).toEqual([]);
});

test('a retry begins before the requests of its set are read to their end, and reads none of the outcomes', async () => {
  await using world = await openWorld();
  const MANY = 1_000;
  const set = eventsOfRun(1, MANY);
  await world.tell([...asked(set, MANY), ...outcomes(set, 0, MANY), set.retried(2, failedOf(MANY).length)]);
  await rebuildProjections(world.log);
  const log = lookedAt(world.log, async ({ event }) => {
    if (event?.name === 'ItemCompleted' || event?.name === 'ItemFailed')
      throw new Error('an outcome is read');
    if (event?.name === 'ItemRequested' && event.data.index === 501)
      await eventually(async () => (await askedAgain(world, set.id)).length > 0);
  });
  await using _ = askingAgain(log);
  await eventually(async () => expect(indexesOf(await askedAgain(world, set.id))).toEqual(failedOf(MANY)));
});

test.each([
  ['its set is cancelled', (world: World, set: SetEvents) => world.tell([set.cancelled()])],
  ['the tracker stops', (_world: World, _set: SetEvents, stop: () => unknown) => void stop()],
] as const)('a retry requests nothing more once %s', async (_, end) => {
  await using world = await openWorld();
  const MANY = 1_000;
  const set = eventsOfRun(1, MANY);
  const all = failedOf(MANY);
  await world.tell([...asked(set, MANY), ...outcomes(set, 0, MANY), set.retried(2, all.length)]);
  await rebuildProjections(world.log);
  // The failed items of the first page are requested by then.
  const log = lookedAt(world.log, async ({ event }) => {
    if (event?.name === 'ItemRequested' && event.data.index === 501) await end(world, set, asking.stop);
  });
  await using asking = askingAgain(log);
  await eventually(() => expect(asking.entries).toMatchObject([{ event: 'asked-again', asked: 50 }]));
  await asking.stop();
  expect(indexesOf(await askedAgain(world, set.id))).toEqual(all.slice(0, 50));
  expect(asking.entries).toHaveLength(1);
});

test.each<[string, (record: Recorded) => boolean]>([
  ['what has been requested', ({ event }) => event?.name === 'ItemRequested' && event.data.attempt === 2],
  ['requests', ({ event }) => event?.name === 'ItemRequested' && event.data.attempt === 1],
  ['outcomes', ({ event }) => event?.name === 'ItemCompleted'],
])('a tracker that stops while it reads %s for a retry reads nothing more', async (_, isSuch) => {
  await using world = await openWorld();
  const set = eventsOfRun(1, ITEMS);
  await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS), set.retried(2, failed.length)]);
  await world.tell([requestedAgain(set, 9), requestedAgain(set, 19)]);
  let hasStopped = false;
  const since: Recorded[] = [];
  const log = lookedAt(world.log, (record) => {
    if (hasStopped) since.push(record);
    else if (isSuch(record)) {
      hasStopped = true;
      void asking.stop();
    }
  });
  await using asking = askingAgain(log);
  await eventually(() => hasStopped);
  await asking.stop();
  // A read that was about to begin ends with its first record.
  expect(since.length).toBeLessThanOrEqual(1);
});

test('what another tracker requests meanwhile is not requested a second time', async () => {
  await using world = await openWorld();
  const set = eventsOfRun(1, ITEMS);
  await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS), set.retried(2, failed.length)]);
  await rebuildProjections(world.log);
  const log = lookedAt(world.log, async ({ event }) => {
    if (event?.name !== 'ItemRequested' || event.data.index > 0) return;
    await tellWithoutIds(world, [requestedAgain(set, 9), requestedAgain(set, 19)]);
    await rebuildProjections(world.log);
  });
  await using asking = askingAgain(log);
  await eventually(() => expect(asking.entries).toMatchObject([{ event: 'asked-again', asked: 2 }]));
  expect(indexesOf(await askedAgain(world, set.id))).toEqual(failed);
});

test('a power cut that takes requests of a retry is noticed even if the log still has earlier ones', async () => {
  await using world = await openWorld();
  const set = eventsOfRun(1, ITEMS);
  await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS), set.retried(2, failed.length)]);
  await world.tell([requestedAgain(set, 9)]);
  const loseEnd = await keptLog(world.nats);
  await rebuildProjections(world.log);
  let readings = 0;
  const read: EventLog['read'] = async function* (selection) {
    const isOfRequests = selection.subjects?.includes(subjects.requested(set.id, '*'));
    if (isOfRequests) readings++;
    if (isOfRequests && readings === 2) {
      // So that it is not in the pages as failed: it is looked up in the log.
      await world.tell([requestedAgain(set, 19)]);
      await rebuildProjections(world.log);
    }
    // By now, items 29 and 39 have been requested.
    if (isOfRequests && readings === 3) await loseEnd();
    yield* world.log.read(selection);
  };
  const logger = createLogger({ service: 'tracker', level: 'silent' });
  const inTime = AbortSignal.timeout(60_000);
  const requesting = requestRetries({ log: { ...world.log, read }, logger }, inTime);
  await expect(requesting).rejects.toThrow(LogEndLost);
});

test('a request of an earlier round that is stored again after a retry does not count as one of its requests', async () => {
  await using world = await openWorld();
  const set = eventsOfRun(1, ITEMS);
  const secondRound = [
    set.retried(2, failed.length),
    ...failed.map((index) => requestedAgain(set, index)),
    ...failed.map((index) => set.failed(index, 2)),
  ];
  await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS), ...secondRound]);
  await tellWithoutIds(world, [set.retried(3, failed.length), requestedAgain(set, 9)]);
  await rebuildProjections(world.log);
  await using _ = askingAgain(world.log);
  await eventually(async () => {
    const third = (await askedAgain(world, set.id)).filter(({ data }) => data.attempt === 3);
    expect(indexesOf(third)).toEqual(failed);
  });
});

test('no more than 64 requests of one set are held at a time', async () => {
  await using world = await openWorld();
  const set = eventsOfRun(1, 65);
  await world.tell(asked(set, 65));
  const held = requestsOf(world.log, set.id, () => 1);
  expect(await Array.fromAsync(held, ({ length }) => length)).toEqual([64, 1]);
});

test('a retry of items that have not failed is refused without reading the requests of its set', async () => {
  await using world = await openWorld();
  const set = eventsOfRun(1, ITEMS);
  await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS), set.setCompleted()]);
  const requests: unknown[] = [];
  const log = lookedAt(world.log, ({ event }) => event?.name === 'ItemRequested' && requests.push(event));
  const logger = createLogger({ service: 'tracker', level: 'silent' });
  await using _ = answerCommands({ log, logger, triedForMs: 5_000, seenWithinMs: 0 });
  const answer = await tell(world, 'retry', set.id, { indexes: [10] });
  expect(answer).toMatchObject({ ok: false, code: 'not-failed' });
  expect(requests).toEqual([]);
});
