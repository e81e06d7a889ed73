/** Brokers that know their clients by files: credentials of NATS, NKeys, and certificates. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, startBareNats, temporaryFolder } from '@setlist/testkit';
import { nkeys } from 'nats';
import { expect, test } from 'vitest';
import { accessFrom, BrokerUnavailable, openEventLog } from '../src/index.ts';
import { operatorMode } from './broker-users.ts';

const NAME = 'test';
const tlsFile = (name: string): string => fileURLToPath(new URL(`tls/${name}`, import.meta.url));

/** A broker with this configuration, and a way to write files for its clients. */
async function brokerWith(config: string) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder.path, name), content);
    return join(folder.path, name);
  };
  const jetstream = `jetstream { store_dir: ${JSON.stringify(join(folder.path, 'store'))} }`;
  const configAt = (text: string) => write('nats.conf', `${text}\n${jetstream}\n`);
  const nats = stack.use(await startBareNats(['--config', await configAt(config)]));
  const held = stack.move();
  return {
    servers: `nats://${nats.address}`,
    write,
    restart: async (text = config) => nats.restart(['--config', await configAt(text)]),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const open = (servers: string, env: Record<string, string>) =>
  openEventLog({ servers, name: NAME, access: accessFrom(env), connectTimeoutMs: 3_000 });

async function refusalOf(opening: Promise<AsyncDisposable>): Promise<BrokerUnavailable> {
  const error = await opening.then(
    () => expect.unreachable('it opened'),
    (refused) => refused,
  );
  expect(error).toBeInstanceOf(BrokerUnavailable);
  return error;
}

test('a user is known by a credentials file, which is read again when the broker comes back', async () => {
  const { config, user } = operatorMode();
  await using broker = await brokerWith(config);
  const NATS_CREDS = await broker.write('user.creds', user());
  await using log = await open(broker.servers, { NATS_CREDS });
  expect(await log.head()).toBe(0);

  await broker.write('user.creds', 'half of');
  await broker.restart();
  expect(await log.head()).toBe(0);

  const refused = await refusalOf(open(broker.servers, {}));
  expect(refused.message).toBe(`the broker at ${broker.servers} wants credentials`);
  expect(refused.remedy).toContain('NATS_CREDS');
  const stranger = await broker.write('stranger.creds', operatorMode().user());
  const wrong = await refusalOf(open(broker.servers, { NATS_CREDS: stranger }));
  expect(wrong.message).toBe(`the broker at ${broker.servers} refused the credentials`);
});

test('a user is known by the seed of an NKey, and by a new one once the file has changed', async () => {
  const [one, two] = [nkeys.createUser(), nkeys.createUser()];
  const configFor = (user: typeof one): string =>
    `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`;
  const seedOf = (user: typeof one): string => `${Buffer.from(user.getSeed())}\n`;
  await using broker = await brokerWith(configFor(one));
  const NATS_NKEY = await broker.write('user.nk', seedOf(one));
  await using log = await open(broker.servers, { NATS_NKEY });
  expect(await log.head()).toBe(0);
  await broker.write('user.nk', seedOf(two));
  await broker.restart(configFor(two));
  await eventually(async () => expect(await log.head()).toBe(0));
});

test('a broker that verifies its clients gets a certificate, and is verified by an authority of its own', async () => {
  const [cert_file, key_file, ca_file] = [tlsFile('broker.crt'), tlsFile('broker.key'), tlsFile('ca.crt')];
  await using broker = await brokerWith(
    `tls ${JSON.stringify({ cert_file, key_file, ca_file, verify: true })}`,
  );
  const NATS_CA = ca_file;
  const access = { NATS_CA, NATS_CERT: tlsFile('client.crt'), NATS_KEY: tlsFile('client.key') };
  await using log = await open(broker.servers, access);
  expect(await log.head()).toBe(0);

  const untrusted = await refusalOf(open(broker.servers, { ...access, NATS_CA: tlsFile('client.crt') }));
  expect(untrusted.message).toMatch(/^the broker's certificate is not trusted/);
  const unknown = await refusalOf(open(broker.servers, { NATS_CA }));
  expect(unknown.remedy).toContain('NATS_CERT');
});

test.each([
  [{ NATS_CREDS: '/nowhere' }, /^the file that NATS_CREDS names can't be read: .*ENOENT/],
  [
    { NATS_CREDS: tlsFile('ca.crt') },
    /^the file that NATS_CREDS names, .*ca\.crt, is not a credentials file/,
  ],
  [{ NATS_NKEY: tlsFile('ca.crt') }, /^the file that NATS_NKEY names, .*ca\.crt, is not the seed of an NKey/],
  [{ NATS_CREDS: 'a', NATS_NKEY: 'b' }, /^NATS_CREDS and NATS_NKEY are both set/],
  [{ NATS_CERT: tlsFile('client.crt') }, /^only one of NATS_CERT and NATS_KEY is set/],
  [{ NATS_CA: '/nowhere' }, /^the file that NATS_CA names can't be read/],
])('with %j it says what is wrong before it asks any broker', async (env, message) => {
  const refused = await refusalOf(open('nats://127.0.0.1:1', env));
  expect(refused.message).toMatch(message);
  expect(refused.remedy).toMatch(/\.$/);
});
