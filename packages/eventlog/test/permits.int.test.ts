import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { PERMITS_STREAM, permitDurable } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { connect as connectRaw } from 'nats';
import { expect, test } from 'vitest';
import { openEventLog, PERMIT_LEASE_MS, type Permit, type Permits } from '../src/index.ts';
import { brokerOfSuite } from './rig.ts';

const broker = brokerOfSuite();

const never = new AbortController().signal;

test('two replicas never exceed the limit together, and every permit circulates', async () => {
  await using other = await openEventLog({ servers: broker.nats.url, name: 'other' });
  const of = { provider: 'polly', engine: 'neural', operation: 'synthesize', limit: 3 };
  const here = await broker.log.permits(of);
  const there = await other.permits(of);
  let out = 0;
  let most = 0;
  const useOne = async (permits: typeof here): Promise<void> => {
    const permit = await permits.take(never);
    most = Math.max(most, ++out);
    await new Promise((resolve) => setImmediate(resolve));
    out--;
    permit?.[Symbol.dispose]();
  };
  await Promise.all(Array.from({ length: 40 }, (_, index) => useOne(index % 2 === 0 ? here : there)));
  expect(most).toBeLessThanOrEqual(3);
});

test('the permits of a holder whose connection is gone stay taken for the lease of two seconds', async () => {
  const of = { provider: 'polly', engine: 'standard', operation: 'synthesize', limit: 2 };
  const dying = await openEventLog({ servers: broker.nats.url, name: 'dying' });
  const held: (Permit | undefined)[] = [];
  const permits = await dying.permits(of);
  const asked = performance.now();
  for (let count = 0; count < 2; count++) held.push(await permits.take(never));
  const heir = await broker.log.permits(of);
  await dying[Symbol.asyncDispose]();
  const taken = await Promise.all([heir.take(never), heir.take(never)]);
  expect(performance.now() - asked).toBeGreaterThanOrEqual(PERMIT_LEASE_MS - 50);
  for (const permit of taken) permit?.[Symbol.dispose]();
  // The broker times the lease, so a busy machine only adds to it.
  const client = await connectRaw({ servers: broker.nats.url });
  const jsm = await client.jetstreamManager();
  const { config } = await jsm.consumers.info(
    PERMITS_STREAM,
    permitDurable('polly', 'standard', 'synthesize'),
  );
  await client.close();
  expect(config.ack_wait).toBe(2_000 * 1e6);
});

test('permits survive a broker that is killed', async () => {
  const of = { provider: 'local', engine: 'neural', operation: 'synthesize', limit: 2 };
  const permits = await broker.log.permits(of);
  const before = await permits.take(never);
  await broker.nats.kill9();
  await broker.nats.restart();
  before?.[Symbol.dispose]();
  const [one, two] = [await permits.take(never), await permits.take(never)];
  expect([one, two].every((permit) => permit !== undefined)).toBe(true);
  one?.[Symbol.dispose]();
  two?.[Symbol.dispose]();
});

/** Waits for a permit for at most `ms`. */
const takeWithin = (permits: Permits, ms: number): Promise<Permit | undefined> =>
  permits.take(AbortSignal.timeout(ms));

test('after an outage longer than the lease, a replica still counts its calls in flight', async () => {
  const permits = await broker.log.permits({
    provider: 'local',
    engine: 'long-form',
    operation: 'synthesize',
    limit: 2,
  });
  const held = [await permits.take(never), await permits.take(never)];
  await broker.nats.kill9();
  const since = performance.now();
  await eventually(() => Promise.resolve(performance.now() > since + PERMIT_LEASE_MS));
  await broker.nats.restart();
  expect(await takeWithin(permits, 1.25 * PERMIT_LEASE_MS)).toBeUndefined();
  held[0]?.[Symbol.dispose]();
  const next = await takeWithin(permits, 60_000);
  expect(next).toBeDefined();
  next?.[Symbol.dispose]();
  held[1]?.[Symbol.dispose]();
});

test('a holder that lost a permit by silence and then gives it back takes it from no other', async () => {
  const of = { provider: 'polly', engine: 'generative', operation: 'synthesize', limit: 1 };
  await using way = await openWay(broker.nats.url);
  await using cutOff = await openEventLog({ servers: way.url, name: 'cut-off' });
  const lost = await (await cutOff.permits(of)).take(never);
  way.freeze();
  const permits = await broker.log.permits(of);
  const heir = await takeWithin(permits, 3 * PERMIT_LEASE_MS);
  expect(heir).toBeDefined();
  way.thaw();
  await cutOff.check();
  lost?.[Symbol.dispose]();
  await cutOff.check();
  // Not by the heir itself, which would take the token for its own.
  await using third = await openEventLog({ servers: broker.nats.url, name: 'third' });
  expect(await takeWithin(await third.permits(of), 1.25 * PERMIT_LEASE_MS)).toBeUndefined();
  heir?.[Symbol.dispose]();
  (await takeWithin(permits, 60_000))?.[Symbol.dispose]();
});

test('a permit is kept during a call that is longer than its lease', async () => {
  const of = { provider: 'polly', engine: 'long-form', operation: 'synthesize', limit: 1 };
  const [here, there] = [await broker.log.permits(of), await broker.log.permits(of)];
  const long = await here.take(never);
  expect(await takeWithin(there, 1.25 * PERMIT_LEASE_MS)).toBeUndefined();
  long?.[Symbol.dispose]();
  const next = await takeWithin(there, 60_000);
  expect(next).toBeDefined();
  next?.[Symbol.dispose]();
});

test('a permit that comes free serves the replica’s next call without asking the broker', async () => {
  const of = { provider: 'local', engine: 'standard', operation: 'synthesize', limit: 1 };
  const permits = await broker.log.permits(of);
  (await permits.take(never))?.[Symbol.dispose]();
  for (let call = 0; call < 3; call++) {
    const taken = permits.take(never);
    // Only a token that the replica already holds can be taken before the next turn of the event loop.
    const now = await Promise.race([taken, new Promise((resolve) => setImmediate(() => resolve('not yet')))]);
    expect(now).not.toBe('not yet');
    (await taken)?.[Symbol.dispose]();
  }
});

test('a spare permit is given back before the connection closes', async () => {
  await using stack = new AsyncDisposableStack();
  const listener = await connectRaw({ servers: broker.nats.url });
  stack.defer(() => listener.close());
  const told: string[] = [];
  const subject = `$JS.ACK.${PERMITS_STREAM}.${permitDurable('polly', 'leaving', 'synthesize')}.>`;
  listener.subscribe(subject, { callback: (_, message) => told.push(message.string()) });
  await listener.flush();
  {
    await using leaving = await openEventLog({ servers: broker.nats.url, name: 'leaving' });
    const permits = await leaving.permits({
      provider: 'polly',
      engine: 'leaving',
      operation: 'synthesize',
      limit: 1,
    });
    (await permits.take(never))?.[Symbol.dispose]();
  }
  await eventually(() => told.includes('-NAK'));
});

test('a replica that always has a next call does not keep a permit from a waiting replica', async () => {
  await using other = await openEventLog({ servers: broker.nats.url, name: 'other' });
  const of = { provider: 'local', engine: 'generative', operation: 'synthesize', limit: 1 };
  const [here, there] = [await broker.log.permits(of), await other.permits(of)];
  const enough = new AbortController();
  const busy = (async () => {
    while (!enough.signal.aborted) {
      using _permit = await here.take(enough.signal);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const got = await takeWithin(there, 60_000);
  enough.abort();
  await busy;
  expect(got).toBeDefined();
  got?.[Symbol.dispose]();
});

/** A proxy for the broker that can be frozen: no data passes, and no connection breaks. */
async function openWay(to: string) {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `nats://127.0.0.1:${own}`,
    freeze: () => {
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      for (const socket of sockets) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
