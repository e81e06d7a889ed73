import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { EVENTS_STREAM, subjects } from '@setlist/contracts';
import { startNats } from '@setlist/testkit';
import { connect as connectClient } from 'nats';
import { expect, test } from 'vitest';
import { openEventLog, openMaintenance } from '../src/index.ts';
import { completed } from './rig.ts';

/** Longer than the timeout of any other request to the broker. */
const PURGE_TAKES_MS = 6_000;

test('starting a new generation of a large log waits for a broker that is slow to purge a set', async () => {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  await log.appendAll([completed('old', 0), completed('new', 0), completed('old', 1)]);
  await using live = await openMaintenance({ servers: nats.url, name: 'backup' });
  const { head, chunks } = await live.snapshot(EVENTS_STREAM);

  await using other = await startNats();
  await using slow = await slowToPurge(other.url);
  await using next = await openMaintenance({ servers: slow.url, name: 'next' });
  expect(await next.restoreWithout(head, chunks, ['old'])).toBe(2);
  await using rest = await openEventLog({ servers: other.url, name: 'test' });
  expect(await rest.extent()).toMatchObject({ generation: 2, archived: { events: 2, upToSeq: 3 } });
  const left: number[] = [];
  for await (const { seq } of rest.read({ subjects: [subjects.ofAllSets()] })) left.push(seq);
  expect(left).toEqual([2]);
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

/** A proxy for a broker that withholds the broker's data once it has received a purge. */
async function slowToPurge(url: string): Promise<AsyncDisposable & { readonly url: string }> {
  await using stack = new AsyncDisposableStack();
  const { port, hostname } = new URL(url);
  const server = createServer((client) => {
    const broker = connect(Number(port), hostname);
    client.on('data', (asked: Buffer) => {
      if (asked.includes('STREAM.PURGE')) {
        broker.pause();
        setTimeout(() => broker.resume(), PURGE_TAKES_MS);
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
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
