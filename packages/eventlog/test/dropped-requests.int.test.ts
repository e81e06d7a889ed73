/** Requests that the client forgets when it loses its connection. */
import { eventually, startNats } from '@setlist/testkit';
import { connect } from 'nats';
import { expect, test } from 'vitest';
import { failingIfDropped } from '../src/connection/dropped-requests.ts';
import { openEventLog } from '../src/index.ts';
import { relayTo } from './relay.ts';

/** Far more than a test may take. */
const UNANSWERED_MS = 600_000;

test('what was asked before or during an outage fails once the broker is back, and what is asked then is answered', async () => {
  await using nats = await startNats();
  const nc = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  await using _ = { [Symbol.asyncDispose]: () => nc.close() };
  nc.subscribe('silent', { callback: () => undefined });
  nc.subscribe('echo', { callback: (_failure, question) => void question.respond(question.data) });
  const asked = failingIfDropped(nc);
  const ask = (subject: string) => asked.request(subject, 'hello', { timeout: UNANSWERED_MS });
  const before = ask('silent');
  await nc.flush();
  await nats.kill9();
  const during = ask('silent');
  const failed = Promise.allSettled([before, during]);
  await nats.restart();
  const dropped = { status: 'rejected', reason: { code: 'TIMEOUT', message: 'the connection was lost' } };
  expect(await failed).toMatchObject([dropped, dropped]);
  expect((await ask('echo')).string()).toBe('hello');
});

test('what is asked while the client is connecting is stored once, and known to be', async () => {
  await using nats = await startNats();
  await using relay = await relayTo(nats.url);
  await using log = await openEventLog({ servers: relay.url, name: 'test' });
  const greeted = Promise.withResolvers<void>();
  const { dials } = relay;
  relay.cut(greeted.promise);
  await eventually(() => relay.dials > dials);
  const stored = log.coordination.replace('key', 'value', 0);
  greeted.resolve();
  expect(await stored).toBeGreaterThan(0);
});

test('a watch goes on after a silence that ends with the connection', { timeout: 120_000 }, async () => {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  await using relay = await relayTo(nats.url);
  await using far = await openEventLog({ servers: relay.url, name: 'far' });
  const watched = far.coordination.watch<string>('key', new AbortController().signal)[Symbol.asyncIterator]();
  await log.coordination.put('key', 'one');
  expect((await watched.next()).value).toMatchObject({ value: 'one' });
  const { length } = relay.said;
  relay.fallSilent();
  // The client misses signs of life, and asks for its consumer again.
  await eventually(() => relay.said.slice(length).includes('CONSUMER.CREATE'));
  relay.cut();
  await log.coordination.put('key', 'two');
  expect((await watched.next()).value).toMatchObject({ value: 'two' });
  await watched.return?.();
});
