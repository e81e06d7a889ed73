import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { EVENTS_STREAM, subjects } from '@setlist/contracts';
import { startNats } from '@setlist/testkit';
import { connect as connectClient } from 'nats';
import { afterEach, expect, test, vi } from 'vitest';
import { openEventLog, openMaintenance } from '../src/index.ts';
import { completed } from './rig.ts';

/** How long the broker takes to go through a large log. */
const MINUTES = 10;
/** The last chunk is empty. */
const LAST_CHUNK = /PUB \$JS\.SNAPSHOT\.RESTORE\S* \S+ 0\r\n/;

afterEach(() => void vi.useRealTimers());

test('a new generation of a large log waits for a broker that takes minutes to check, unpack and purge it', async () => {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  await log.appendAll([completed('old', 0), completed('new', 0), completed('old', 1)]);
  await using other = await startNats();
  await using slow = await slowTo([/STREAM\.SNAPSHOT/], nats.url);
  await using slower = await slowTo([LAST_CHUNK, /STREAM\.PURGE/], other.url);
  await using live = await openMaintenance({ servers: slow.url, name: 'backup' });
  await using next = await openMaintenance({ servers: slower.url, name: 'next' });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { head, chunks } = await live.snapshot(EVENTS_STREAM);
  expect(await next.restoreWithout(head, chunks, ['old'])).toBe(2);
  vi.useRealTimers();
  expect([slow.minutes(), slower.minutes()]).toEqual([MINUTES, 2 * MINUTES]);
  await using rest = await openEventLog({ servers: other.url, name: 'test' });
  expect(await rest.extent()).toMatchObject({ generation: 2, archived: { events: 2, upToSeq: 3 } });
  const left: number[] = [];
  for await (const { seq } of rest.read({ subjects: [subjects.ofAllSets()] })) left.push(seq);
  expect(left).toEqual([2]);
});

test('a backup does not wait for a broker that died', async () => {
  await using world = await openWorld();
  world.nats.freeze();
  const snapshot = expect(world.broker.snapshot(EVENTS_STREAM)).rejects.toThrow(
    'could not take a snapshot of SETLIST_EVENTS: the connection to the broker was lost',
  );
  await world.nats.kill9();
  await snapshot;
});

test('a restore that the broker refuses says why: there is a log already', async () => {
  await using world = await openWorld();
  const { head, chunks } = await world.broker.snapshot(EVENTS_STREAM);
  await expect(world.broker.restore(head, chunks)).rejects.toMatchObject({
    message: expect.stringMatching(/could not restore SETLIST_EVENTS: .*already/),
    remedy: expect.stringContaining('run the command again'),
  });
});

test('a snapshot that the broker refuses says why: the log is damaged', async ({ skip }) => {
  await using world = await openWorld();
  const client = await connectClient({ servers: world.nats.url });
  const { version = '' } = client.info ?? {};
  await client.close();
  skip(!version.startsWith('2.10.'), 'newer brokers take a snapshot of such a log');
  const block = join(world.nats.storeDir, 'jetstream/$G/streams', EVENTS_STREAM, 'msgs/1.blk');
  const bytes = await readFile(block);
  const middle = bytes.length / 2;
  await writeFile(block, bytes.fill(0, middle, middle + 8));
  await expect(world.broker.snapshot(EVENTS_STREAM)).rejects.toMatchObject({
    message: expect.stringMatching(/could not take a snapshot of SETLIST_EVENTS: .*bad message/),
    remedy: expect.stringContaining('the log is damaged'),
  });
});

/** A log of two events, and a connection for its maintenance. */
async function openWorld() {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
  await log.appendAll([completed('tour', 0), completed('tour', 1)]);
  const broker = stack.use(await openMaintenance({ servers: nats.url, name: 'backup' }));
  const open = stack.move();
  return { nats, broker, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** A proxy for a broker on which, by the test's clock, minutes pass with each of these questions before it is answered. */
async function slowTo(questions: readonly RegExp[], url: string) {
  await using stack = new AsyncDisposableStack();
  const { port, hostname } = new URL(url);
  let minutes = 0;
  const server = createServer((client) => {
    const broker = connect(Number(port), hostname);
    client.on('data', (asked: Buffer) => {
      if (questions.some((question) => question.test(asked.toString('latin1')))) {
        vi.advanceTimersByTime(MINUTES * 60_000);
        minutes += MINUTES;
      }
      broker.write(asked);
    });
    broker.on('data', (said) => client.write(said));
    for (const [one, another] of [
      [client, broker],
      [broker, client],
    ] as const) {
      one.on('close', () => another.destroy());
      one.on('error', () => another.destroy());
    }
  }).listen(0, '127.0.0.1');
  stack.defer(() => void server.close());
  await once(server, 'listening');
  const held = stack.move();
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    minutes: () => minutes,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
