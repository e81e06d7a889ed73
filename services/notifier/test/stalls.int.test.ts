/** Stalls and their ends: each channel announces both or neither, and neither once it is outdated. */
import { subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Channel } from '../src/index.ts';
import type { Harness } from './harness.ts';
import { hookTo, type Posting, type Receiver, startPosting, startReceiver, status } from './receiver.ts';
import {
  cancelled,
  completed,
  itemCompleted,
  itemRequested,
  paused,
  resumed,
  SET_ID,
  setIdOf,
  stalled,
  unstalled,
} from './set-events.ts';

let stack: AsyncDisposableStack;
let world: Harness;
let down: Receiver;
let well: Receiver;
let start: Posting['start'];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  down = stack.use(await startReceiver());
  ({ world, receiver: well, start } = stack.use(await startPosting()));
});
afterEach(() => stack.disposeAsync());

const hook = (to: Receiver, more: object = {}) => hookTo(to, { rate: 1_000, ...more });

test('a channel that was down does not announce a stall, or the end of one, that is outdated by then', async () => {
  down.answer = status(503);
  await start({ broken: hook(down) });
  const events = [stalled(), unstalled(), completed()];
  await world.happened(...events);
  for (const { id } of [stalled(), unstalled()]) {
    await eventually(() => world.entries.some(({ event, cause }) => event === 'passed-over' && cause === id));
  }
  down.answer = status(204);
  expect(await world.noteOf(completed(), 'broken')).toMatchObject({ name: 'NotificationSent' });
  expect(JSON.parse(down.posts.at(-1)?.body ?? '{}')).toMatchObject({ type: 'set.completed' });
  for (const { id } of [stalled(), unstalled()])
    expect(await world.log.last(subjects.notice(completed().setId, id, 'broken'))).toBeUndefined();
});

test('a channel that was down for a whole stall does not announce its end', async () => {
  down.answer = status(503);
  await start({ broken: hook(down), sound: hook(well), 'moves-only': hook(well, { notices: ['moving'] }) });
  await world.happened(stalled());
  await world.noteOf(stalled(), 'sound');
  await world.happened(unstalled());
  for (const channel of ['sound', 'moves-only'])
    expect(await world.noteOf(unstalled(), channel)).toMatchObject({ name: 'NotificationSent' });
  const skipped = { event: 'passed-over', cause: unstalled().id, set: SET_ID, channel: 'broken' };
  await eventually(() => expect(world.entries).toContainEqual(expect.objectContaining(skipped)));
  down.answer = status(204);
  await world.happened(completed());
  await world.noteOf(completed(), 'broken');
  for (const { id } of [stalled(), unstalled()])
    expect(await world.log.last(subjects.notice(completed().setId, id, 'broken'))).toBeUndefined();
});

test('a channel that put only the stall off does not announce its end', async () => {
  const told: string[] = [];
  const busy = { code: 'busy', message: 'is busy', remedy: 'wait' };
  const picky: Channel = {
    name: 'picky',
    recipient: 'somebody',
    deliver: async ({ kind }) => {
      told.push(kind);
      return kind === 'stalled' ? { kind: 'later', reason: busy, retryAfterMs: 60_000 } : { kind: 'sent' };
    },
  };
  world.notifier({ MAIL_FOLDER: 'unused' }, [picky]);
  await world.happened(stalled());
  await eventually(() => told.length > 0);
  await world.happened(unstalled());
  const skipped = { event: 'passed-over', cause: unstalled().id, channel: 'picky' };
  await eventually(() => expect(world.entries).toContainEqual(expect.objectContaining(skipped)));
  await world.happened(completed());
  await world.noteOf(completed(), 'picky');
  expect(told).toEqual(['stalled', 'completed']);
});

test('the end of a stall whose message is on its way is announced after it', async () => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = false;
  const slow: Channel = {
    name: 'slow',
    recipient: 'somebody',
    deliver: async ({ kind }) => {
      begun = true;
      if (kind === 'stalled') await promise;
      told.push(kind);
      return { kind: 'sent' };
    },
  };
  world.notifier({ MAIL_FOLDER: 'unused' }, [slow]);
  await world.happened(stalled());
  await eventually(() => begun);
  await world.happened(unstalled());
  const appended = world.log.clock.now();
  await eventually(() => world.log.clock.now() > appended + 3_000);
  resolve();
  expect(await world.noteOf(unstalled(), 'slow')).toMatchObject({
    name: 'NotificationSent',
    data: { tries: 1 },
  });
  expect(told).toEqual(['stalled', 'moving']);
});

test('a notifier that was off does not announce a stall, or the end of one, that is outdated by then', async () => {
  await world.happened(stalled(), unstalled(), completed());
  const appended = world.log.clock.now();
  await eventually(() => world.log.clock.now() > appended + 2_000);
  await start({ sound: hook(well) });
  await world.noteOf(completed(), 'sound');
  for (const { id } of [stalled(), unstalled()]) {
    await eventually(() => world.entries.some(({ event, cause }) => event === 'passed-over' && cause === id));
  }
  expect(well.posts).toHaveLength(1);
});

test('a stall is announced late if a pause came in between, once that is over', async () => {
  const other = { setId: setIdOf(1) };
  await world.happened(stalled(), paused(), resumed());
  await world.happened(stalled(other), paused(other), resumed(other), paused({ ...other, afterSeq: 10 }));
  const appended = world.log.clock.now();
  await eventually(() => world.log.clock.now() > appended + 2_000);
  await start({ sound: hook(well) });
  expect(await world.noteOf(stalled(), 'sound')).toMatchObject({ name: 'NotificationSent' });
  const held = { event: 'set-paused', cause: stalled(other).id };
  await eventually(() => expect(world.entries).toContainEqual(expect.objectContaining(held)));
  expect(well.posts).toHaveLength(1);
  await world.happened(resumed({ ...other, afterSeq: 11 }));
  expect(await world.noteOf(stalled(other), 'sound')).toMatchObject({
    name: 'NotificationSent',
    data: { tries: 1 },
  });
});

test('a stall during a pause is passed over if the set is cancelled then', async () => {
  await world.happened(stalled(), paused());
  const appended = world.log.clock.now();
  await eventually(() => world.log.clock.now() > appended + 2_000);
  await start({ sound: hook(well) });
  await eventually(() => world.entries.some(({ event }) => event === 'set-paused'));
  await world.happened(cancelled());
  await world.noteOf(cancelled(), 'sound');
  const skipped = { event: 'passed-over', cause: stalled().id };
  await eventually(() => expect(world.entries).toContainEqual(expect.objectContaining(skipped)));
  expect(well.posts).toHaveLength(1);
});

test('a request that is in the log twice moves nothing: the stall after it is announced', async () => {
  await start({ sound: hook(well) });
  const request = itemRequested();
  const first = await world.log.append(request, { lastSeq: 0 });
  if (first.kind !== 'stored') throw new Error('the log holds the request already');
  const stall = stalled({ sinceSeq: first.seq });
  await world.log.append(request, { lastSeq: first.seq });
  await world.happened(stall);
  await world.noteOf(stall, 'sound');
  expect(well.posts).toHaveLength(1);
});

test('a stall that was stored just after an item moved is not announced, and any other stall is', async () => {
  await start({ sound: hook(well) });
  const sinceSeq = await world.log.head();
  const [none, still] = [stalled({ sinceSeq }), stalled({ sinceSeq, setId: setIdOf(1) })];
  await world.log.appendAll([itemCompleted()]);
  await world.happened(none, still);
  await world.noteOf(still, 'sound');
  await eventually(() =>
    world.entries.some(({ event, cause }) => event === 'passed-over' && cause === none.id),
  );
  expect(well.posts.map(({ headers }) => headers['webhook-id'])).toEqual([
    `set-1-20261122t205012-k3f9q2_stalled_${sinceSeq}_sound`,
  ]);
});
