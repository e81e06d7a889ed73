/** Channels that are down, slow or flooded: they delay no other, and a restart does not extend the retries. */
import { subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Channel, Outcome } from '../src/index.ts';
import type { Harness } from './harness.ts';
import { hookTo, type Posting, type Receiver, startPosting, startReceiver, status } from './receiver.ts';
import { completed, setIdOf } from './set-events.ts';

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

const HOUR_MS = 3_600_000;

const hook = (to: Receiver, more: object = {}) => hookTo(to, { rate: 1_000, ...more });

test('while one channel is down, the others are served at once, and its retry time counts from the event', async () => {
  const settings = { RETRY_FOR: '2h', RETRY_BASE: '50ms', RETRY_CAP: '200ms' };
  const channels = { broken: hook(down), sound: hook(well) };
  down.answer = status(503);
  const stop = await start(channels, settings);
  await world.happened(completed());
  await well.waitFor(1);
  await down.waitFor(2);
  const told = await world.noteOf(completed(), 'sound');
  expect(told).toMatchObject({ name: 'NotificationSent', data: { tries: 1 } });
  // Half of its time is over when the notifier stops; the next notifier does not start over.
  world.moveOn(HOUR_MS);
  await stop();
  const before = down.posts.length;
  await start(channels, settings);
  await down.waitFor(before + 2);
  const notice = subjects.notice(completed().setId, completed().id, 'broken');
  expect(await world.log.last(notice)).toBeUndefined();
  world.moveOn(HOUR_MS);
  const note = await world.noteOf(completed(), 'broken');
  expect(note).toMatchObject({
    name: 'NotificationFailed',
    data: { code: 'http-503', message: expect.stringMatching(/^Given up after 2 h\. The last try: /) },
  });
  expect(well.posts).toHaveLength(1);
});

test('a message that has been tried until NOTIFY_MAX_AGE is noted as failed, not skipped as too old', async () => {
  down.answer = status(503);
  const ages = { RETRY_FOR: '1h', NOTIFY_MAX_AGE: '1h' };
  await start({ broken: hook(down) }, { ...ages, RETRY_BASE: '50ms', RETRY_CAP: '200ms' });
  await world.happened(completed());
  await eventually(() => world.entries.some(({ event }) => event === 'channel-down'));
  world.moveOn(HOUR_MS);
  const failed = { name: 'NotificationFailed', data: { code: 'http-503' } };
  expect(await world.noteOf(completed(), 'broken')).toMatchObject(failed);
  expect(world.entries.filter(({ event }) => event === 'passed-over')).toEqual([]);
});

test('only real tries count, however often the event was handed out for other reasons', async () => {
  const busy = { kind: 'later', reason: { code: 'busy', message: 'is busy', remedy: 'wait' } } as const;
  const channelOf = (name: string, outcomes: Outcome[]): Channel => ({
    name,
    recipient: 'somebody',
    deliver: async () => outcomes.shift() ?? { kind: 'sent' },
  });
  const rare = channelOf('rare', [{ ...busy, retryAfterMs: 1_000 }]);
  const often = channelOf('often', [busy, busy, busy, busy]);
  world.notifier({ MAIL_FOLDER: 'unused' }, [rare, often]);
  await world.happened(completed());
  expect((await world.noteOf(completed(), often.name)).data.tries).toBe(5);
  expect((await world.noteOf(completed(), rare.name)).data.tries).toBe(2);
});

test('a channel that never answers does not delay the retries of another, and is asked once', async () => {
  const busy = { kind: 'later', reason: { code: 'busy', message: 'is busy', remedy: 'wait' } } as const;
  const outcomes: Outcome[] = [busy, busy];
  let asked = 0;
  const answer = Promise.withResolvers<Outcome>();
  const mute = () => {
    asked++;
    return answer.promise;
  };
  const channels: Channel[] = [
    { name: 'mute', recipient: 'somebody', deliver: mute },
    { name: 'busy', recipient: 'somebody', deliver: async () => outcomes.shift() ?? { kind: 'sent' } },
  ];
  world.notifier({ MAIL_FOLDER: 'unused' }, channels);
  // Before the notifier stops, which waits for the handling to end.
  stack.defer(() => answer.resolve({ kind: 'sent' }));
  await world.happened(completed());
  expect(await world.noteOf(completed(), 'busy')).toMatchObject({
    name: 'NotificationSent',
    data: { tries: 3 },
  });
  expect(asked).toBe(1);
});

test('a thousand notices at once reach a fast channel fast, and a slow one at its rate', async () => {
  const SETS = 1_000;
  await start({ slow: hook(down, { rate: 5 }), fast: hook(well) });
  const events = Array.from({ length: SETS }, (_, n) => completed({ setId: setIdOf(n) }));
  const started = performance.now();
  await Promise.all(events.map((event) => world.log.append(event, { lastSeq: 0 })));
  await well.waitFor(SETS);
  const tookMs = performance.now() - started;
  expect(new Set(well.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(SETS);
  // Five a second: the n-th comes at least n × 200 ms after the first, and the channel doesn't idle.
  expect(down.posts.length).toBeGreaterThan(0.3 * (tookMs / 200));
  for (const [n, { atMs }] of down.posts.entries()) expect(atMs - started).toBeGreaterThan(n * 200 - 1);
});

test('a notice whose turn comes late at its channel’s rate is still sent, however old it is by then', async () => {
  const events = Array.from({ length: 6 }, (_, n) => completed({ setId: setIdOf(n) }));
  await world.happened(...events);
  const appended = world.log.clock.now();
  await eventually(() => world.log.clock.now() > appended + 500);
  await start({ slow: hook(well, { rate: 4 }) }, { RETRY_FOR: '500ms' });
  for (const event of events)
    expect(await world.noteOf(event, 'slow')).toMatchObject({ name: 'NotificationSent', data: { tries: 1 } });
});
