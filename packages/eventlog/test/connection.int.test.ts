/** Brokers as others run them: they require credentials, change them, or have no JetStream. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS_STREAM } from '@setlist/contracts';
import { eventually, startBareNats, startNats, temporaryFolder } from '@setlist/testkit';
import { connect } from 'nats';
import { expect, test } from 'vitest';
import { BrokerUnavailable, openEventLog, openMaintenance } from '../src/index.ts';

const NAME = 'test';
/** A password whose every character has to be encoded in an address. */
const PASSWORD = '@:/,%';
const ENCODED = encodeURIComponent(PASSWORD);
/** Half as long as the opening of a log waits for JetStream. */
const WAITS_MS = 15_000;

async function withJetStream() {
  const folder = await temporaryFolder();
  const logFile = join(folder.path, 'nats-server.log');
  const args = ['--jetstream', '--store_dir', folder.path, '--log', logFile];
  return { args, logFile, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const failureOf = (opening: Promise<unknown>): Promise<BrokerUnavailable> =>
  opening.then(
    () => expect.unreachable('it opened'),
    (error) => {
      expect(error).toBeInstanceOf(BrokerUnavailable);
      return error;
    },
  );

test('a broker that requires credentials gets those in its address, and a refusal does not reveal them', async () => {
  await using store = await withJetStream();
  await using nats = await startBareNats([...store.args, '--user', 'jane', '--pass', PASSWORD]);
  const servers = `nats://jane:${ENCODED}@${nats.address}`;
  await using log = await openEventLog({ servers, name: NAME });
  expect(await log.head()).toBe(0);

  const wrong = await failureOf(openEventLog({ servers: `nats://jane:pa55@${nats.address}`, name: NAME }));
  expect(wrong.message).toBe(`the broker at nats://${nats.address} refused the credentials`);
  expect(wrong.remedy).toContain('user:password@host');
  expect(wrong.remedy).not.toMatch(/jane|pa55/);
  const none = await failureOf(openEventLog({ servers: `nats://${nats.address}`, name: NAME }));
  expect(none.message).toBe(`the broker at nats://${nats.address} wants credentials`);
});

test('a broker that requires a token gets it', async () => {
  await using store = await withJetStream();
  await using nats = await startBareNats([...store.args, '--auth', PASSWORD]);
  await using log = await openEventLog({ servers: `nats://${ENCODED}@${nats.address}`, name: NAME });
  expect(await log.head()).toBe(0);
});

test('the log reconnects to a broker that refuses it for a while after a restart', async () => {
  await using store = await withJetStream();
  const withUser = (pass: string) => [...store.args, '--user', 'jane', '--pass', pass];
  await using nats = await startBareNats(withUser('one'));
  await using log = await openEventLog({ servers: `nats://jane:one@${nats.address}`, name: NAME });
  await nats.restart(withUser('two'));
  // By default, the client library gives up after two refusals in a row.
  await eventually(
    async () => (await readFile(store.logFile, 'utf8')).split('authentication error').length > 3,
  );
  await nats.restart(withUser('one'));
  expect(await log.head()).toBe(0);
});

test('a broker without JetStream is distinguished from an unreachable one', async () => {
  await using nats = await startBareNats([]);
  const options = { servers: `nats://${nats.address}`, name: NAME, readyTimeoutMs: 200 };
  for (const open of [openEventLog, openMaintenance]) {
    const { message, remedy } = await failureOf(open(options));
    expect(message).toBe('the broker is up, but its JetStream does not answer');
    expect(remedy).toContain('nats-server --jetstream');
  }
});

test('a broker in no cluster that is asked for three copies of the log is named as such at once', async () => {
  await using nats = await startNats();
  const began = performance.now();
  const single = await failureOf(openEventLog({ servers: nats.url, name: NAME, replicas: 3 }));
  expect(performance.now() - began).toBeLessThan(WAITS_MS);
  expect(single.message).toContain('the broker is in no cluster');
  expect(single.remedy).toContain('NATS_REPLICAS=1');
});

test('a log that must exist is waited for but not created, and one with fewer copies than are asked for is opened with a warning', async () => {
  await using nats = await startNats();
  const existing = { servers: nats.url, name: NAME, mustExist: true };
  const missing = await failureOf(openEventLog({ ...existing, readyTimeoutMs: 1 }));
  expect(missing.message).toBe(`there is no log on the broker at ${new URL(nats.url).host} yet`);
  {
    await using maintenance = await openMaintenance({ servers: nats.url, name: NAME });
    await expect(maintenance.copiesOf(EVENTS_STREAM)).rejects.toThrow('stream not found');
  }
  const observer = await connect({ servers: nats.url });
  let asked = 0;
  observer.subscribe(`$JS.API.STREAM.INFO.${EVENTS_STREAM}`, { callback: () => asked++ });
  await observer.flush();
  const early = openEventLog(existing);
  await eventually(() => asked > 1);
  await observer.close();
  await using _ = await openEventLog({ servers: nats.url, name: NAME });
  await using _early = await early;
  const said: unknown[] = [];
  const logger = { info: () => undefined, warn: (...line: unknown[]) => void said.push(line) };
  await using log = await openEventLog({ ...existing, replicas: 3, logger });
  expect(await log.head()).toBe(0);
  const all = 'SETLIST_EVENTS, SETLIST_PERMITS, KV_SETLIST_SETS, KV_SETLIST_QUOTA, KV_SETLIST_REQUESTS';
  expect(said).toEqual([
    [
      { event: 'few-copies', remedy: expect.stringContaining('--replicas 3') },
      `there are fewer than 3 copies of ${all}`,
    ],
  ]);
});

test('its signal cancels the opening, whether it waits for the broker or for JetStream', async () => {
  await using nats = await startBareNats([]);
  const patient = { connectTimeoutMs: 3_600_000, readyTimeoutMs: 3_600_000 };
  for (const address of ['127.0.0.1:1', nats.address]) {
    const signal = AbortSignal.timeout(300);
    const opening = openEventLog({ servers: `nats://${address}`, name: NAME, signal, ...patient });
    await expect(opening).rejects.toSatisfy((error) => error === signal.reason);
  }
});
