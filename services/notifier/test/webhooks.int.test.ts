/** Webhooks over real HTTP: signed, sent once, and settled by the other side's answer. */
import { createServer } from 'node:http';
import { eventually } from '@setlist/testkit';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Harness } from './harness.ts';
import {
  type Posted,
  type Posting,
  type Receiver,
  SECRET,
  startPosting,
  startReceiver,
  status,
} from './receiver.ts';
import { completed, rejected, SET_ID, setIdOf } from './set-events.ts';

const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

let stack: AsyncDisposableStack;
let world: Harness;
let receiver: Receiver;
let start: Posting['start'];
let hook: Posting['hook'];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  ({ world, receiver, start, hook } = stack.use(await startPosting()));
});
afterEach(() => stack.disposeAsync());

function verified({ body, headers }: Posted, secret = SECRET): Record<string, unknown> {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as Record<string, unknown>;
}

describe('a webhook', () => {
  test('is signed by the Standard Webhooks specification, and tells programs what happened', async () => {
    await start({ ops: hook() });
    await world.happened(completed());
    const [posted] = await receiver.waitFor(1);
    if (!posted) throw new Error('nothing was posted');
    expect(verified(posted)).toMatchObject({
      type: 'set.completed',
      timestamp: completed().time,
      data: {
        setId: SET_ID,
        state: 'completed',
        cause: { id: completed().id, name: 'SetCompleted' },
        message: expect.stringContaining('completed with 6 successful tasks and 0 failures.'),
        event: { costUsd: '0.019744', chain: { events: 14 } },
      },
    });
    expect(posted.headers['webhook-id']).toBe(`${SET_ID}_completed_1_ops`);
    expect(posted.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(() => verified({ ...posted, body: posted.body.replace('moby', 'mopy') })).toThrow();
    expect((await world.noteOf(completed(), 'ops')).data).toMatchObject({
      recipient: `${receiver.url}/***`,
      messageId: `${SET_ID}_completed_1_ops`,
    });
    expect(JSON.stringify(world.entries)).not.toMatch(/s3cret-key|whsec/);
  });

  test('is signed with each secret, so that the receiver can hold the old or the new one', async () => {
    await start({ ops: hook({ secrets: [SECRET, OLD_SECRET] }) });
    await world.happened(completed());
    const [posted] = await receiver.waitFor(1);
    if (!posted) throw new Error('nothing was posted');
    expect(verified(posted, SECRET)).toEqual(verified(posted, OLD_SECRET));
    expect(() => verified(posted, `whsec_${Buffer.alloc(32, 8).toString('base64')}`)).toThrow();
  });

  test('keeps its id over retries and restarts, and is signed afresh each time', async () => {
    receiver.answer = status(500);
    const stop = await start({ ops: hook() });
    await world.happened(completed());
    await receiver.waitFor(2);
    await stop();
    const before = receiver.posts.length;
    receiver.answer = status(204);
    await start({ ops: hook() });
    await world.noteOf(completed(), 'ops');
    expect(receiver.posts).toHaveLength(before + 1);
    expect(new Set(receiver.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const posted of receiver.posts) expect(verified(posted)).toMatchObject({ type: 'set.completed' });
  });

  test('of a refused file with a thousand problems stays small', async () => {
    await start({ ops: hook() });
    const [problem] = rejected().data.problems;
    if (!problem) throw new Error('no problem');
    const problems = Array.from({ length: 1_000 }, () => problem);
    await world.happened(rejected({ problems, problemCount: 1_000 }));
    const [posted] = await receiver.waitFor(1);
    expect(posted?.body.length).toBeLessThan(20_000);
    expect(JSON.parse(posted?.body ?? '{}').data.event).toMatchObject({ problemCount: 1_000 });
  });
});

describe('what the other side answers', () => {
  test('410 is final: one try, then failed, with the reason and without the address', async () => {
    receiver.answer = (response) => void response.writeHead(410).end('no such hook for jane@example.com');
    await start({ ops: hook() });
    const after = completed({ setId: setIdOf(1) });
    await world.happened(completed());
    expect(await world.noteOf(completed(), 'ops')).toMatchObject({
      name: 'NotificationFailed',
      data: {
        code: 'http-410',
        message: 'The other side refused it: HTTP 410, no such hook for j***@example.com',
        remedy: expect.stringContaining('CHANNELS_FILE'),
        recipient: `${receiver.url}/***`,
        tries: 1,
      },
    });
    receiver.answer = status(204);
    await world.happened(after);
    await world.noteOf(after, 'ops');
    expect(receiver.posts).toHaveLength(2);
  });

  test('a redirect is not followed', async () => {
    const elsewhere = stack.use(await startReceiver());
    receiver.answer = status(307, { location: elsewhere.url });
    await start({ ops: hook() });
    await world.happened(completed());
    expect((await world.noteOf(completed(), 'ops')).data).toMatchObject({ code: 'http-307' });
    expect(elsewhere.posts).toHaveLength(0);
  });

  test('429 makes the whole channel rest for as long as Retry-After asks', async () => {
    receiver.answer = status(429, { 'retry-after': '1' });
    await start({ ops: hook() });
    await world.happened(completed());
    const [first] = await receiver.waitFor(1);
    receiver.answer = status(204);
    const other = completed({ setId: setIdOf(1) });
    await world.happened(other);
    await Promise.all([world.noteOf(completed(), 'ops'), world.noteOf(other, 'ops')]);
    const [, second] = receiver.posts;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
    expect(receiver.posts).toHaveLength(3);
  });

  test('an endless answer is not read; its status counts', async () => {
    let written = 0;
    receiver.answer = (response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) written += 65_536;
        response.once('drain', more);
      };
      more();
    };
    await start({ ops: hook() });
    await world.happened(completed());
    expect(await world.noteOf(completed(), 'ops')).toMatchObject({ name: 'NotificationSent' });
    expect(written).toBeLessThan(16_000_000);
  });

  test('a message without an answer in time is retried', async () => {
    receiver.answer = () => undefined;
    await start({ ops: hook() }, { WEBHOOK_TIMEOUT: '200ms' });
    await world.happened(completed());
    await eventually(() => world.entries.some(({ event }) => event === 'channel-down'));
    receiver.answer = status(204);
    expect(await world.noteOf(completed(), 'ops')).toMatchObject({ name: 'NotificationSent' });
  });
});

test('a server that answers in plain text and hangs up does not crash the notifier', async () => {
  const rude = createServer((request) => request.socket.end('go away\r\n\r\n'));
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  stack.defer(() => new Promise<void>((resolve) => void rude.close(() => resolve())));
  const { port } = rude.address() as { port: number };
  await start({ ops: hook({ url: `http://127.0.0.1:${port}/` }) }, { RETRY_FOR: '300ms' });
  await world.happened(completed());
  expect((await world.noteOf(completed(), 'ops')).data).toMatchObject({ code: 'http-unreachable' });
});
