/** `setlist up` with other commands beside it, each a process of its own, that find it by its data folder. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { openEventLog } from '@setlist/eventlog';
import { openStore } from '@setlist/storage';
import { eventually, startS3 } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import { childrenOf, jsonLines, place, processesWith, seen, setOf } from './cli.ts';

test('takes what is submitted and dropped, and tells what becomes of it', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 3));
  await here.write('b.yml', setOf('b', 2));
  await using system = await here.start(['up']);
  await system.waitForLine(/drop set files into +\S+\/inbox/);

  const waited = await here.run(['submit', 'a.yml', '--wait', '--json']);
  expect(waited.code).toBe(0);
  expect(jsonLines(waited)[0]).toMatchObject({
    set: 'a',
    completed: 3,
    location: join(here.path, 'outbox/a'),
  });
  expect(existsSync(join(here.path, 'outbox/a/item-000002-phrase-2-of-a.mp3'))).toBe(true);

  const submitted = await here.run(['submit', 'b.yml']);
  const id = submitted.stdout.trim();
  expect(id).toMatch(/^b-\d{8}t\d{6}-[0-9a-z]{6}$/);
  await system.waitForLine(new RegExp(`accepted +${id}: 2 items`));
  await system.waitForLine(new RegExp(`done +${id}: 2 of 2`));

  await here.write('inbox/c.yml', 'set:\n  name: c\nitems: []\n');
  await system.waitForLine(/refused +c\.yml: 1 problem/);
  await eventually(() => existsSync(join(here.path, 'inbox/rejected/c.yml.problems.txt')));

  await seen(async () => {
    const status = jsonLines(await here.run(['status', '--json']));
    expect(status.map(({ set, state }) => [set, state])).toEqual([
      [expect.stringContaining('c'), 'rejected'],
      ['b', 'completed'],
      ['a', 'completed'],
    ]);
  });
  const [one] = jsonLines(await here.run(['status', id, '--json']));
  expect(one).toMatchObject({ setId: id, total: 2, items: [{ index: 0, state: 'completed' }, { index: 1 }] });
  expect((await here.run(['status', 'b'])).stdout).toMatch(
    /0 +completed +paid .+ b\/item-000000-phrase-0-of-b\.mp3/,
  );

  const { code } = await system.term('SIGINT');
  expect(code).toBe(130);
  expect(system.lines.join('\n'), 'said once, as the end').not.toContain('100 %');
  expect((await here.run(['status'])).lines.join('\n')).toContain('No system runs here');
});

test('tells of files that waited in the inbox, refused ones too, once the inbox is no other log’s', async () => {
  await using here = await place();
  await here.write('inbox/a.yml', setOf('a', 1));
  await here.write('inbox/b.yml', 'set:\n  name: b\nitems: []\n');
  const note = await here.write('inbox/.watched', '{"log":"theirs","host":"elsewhere"}');
  const refused = await here.run(['up', '--no-console']);
  expect([refused.code, refused.lines.join(' ')]).toEqual([3, expect.stringMatching(/system on elsewhere/)]);
  await rm(note);
  await using system = await here.start(['up', '--no-console']);
  for (const line of [/accepted +a-/, /refused +b\.yml: 1 problem/]) await system.waitForLine(line);
  expect(existsSync(note)).toBe(true);
  await system.term('SIGINT');
  expect(existsSync(note), 'it gives the inbox back').toBe(false);
});

test('a plan is for the provider of the system that runs here, unless another is named', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  await here.write('odd.yml', `${setOf('odd', 1)}odd: true\n`);
  await using system = await here.start(['up', '--provider', 'polly', '--no-console', '--compat'], {
    AWS_ACCESS_KEY_ID: 'dummy',
    AWS_SECRET_ACCESS_KEY: 'dummy',
    AWS_REGION: 'eu-central-1',
  });
  await system.waitForLine(/^Setlist is up, with Amazon Polly in eu-central-1, which costs money\.$/);
  await system.waitForLine(/drop set files into/);
  const [plan] = jsonLines(await here.run(['plan', 'a.yml', '--json']));
  expect(Number(plan?.estimatedUsd)).toBeGreaterThan(0);
  const [local] = jsonLines(await here.run(['plan', 'a.yml', '--json', '--provider', 'local']));
  expect(local?.estimatedUsd).toBe('0.00');
  expect((await here.run(['plan', 'odd.yml'])).code, 'the system lets in what only --compat does').toBe(0);
  // Killed, it would leave its broker to the next start.
  expect((await system.term('SIGINT')).code).toBe(130);
});

test.each([
  ['polly', true],
  ['local', false],
])('with --provider %s, whether its broker flushes each write to disk: %s', async (provider, flushes) => {
  await using here = await place();
  await using system = await here.start(['up', '--provider', provider, '--no-console'], {
    AWS_ACCESS_KEY_ID: 'dummy',
    AWS_SECRET_ACCESS_KEY: 'dummy',
  });
  await system.waitForLine(/drop set files into/);
  const config = await readFile(join(here.path, '.setlist/broker/nats-server.conf'), 'utf8');
  expect(config.includes('sync_interval: always')).toBe(flushes);
  await system.term('SIGINT');
});

test('its broker serves only who may read the data folder, also once it came back, and its token is told to nobody', async () => {
  await using here = await place();
  await using system = await here.start(['up', '--no-console']);
  await system.waitForLine(/drop set files into/);
  const note = join(here.path, '.setlist/system.json');
  expect(statSync(note).mode & 0o777).toBe(0o600);
  const { broker } = JSON.parse(readFileSync(note, 'utf8'));
  const { token = '', place: address = '' } =
    /^nats:..(?<token>[0-9a-f]{64})@(?<place>.+)$/.exec(broker)?.groups ?? {};
  const strange = openEventLog({ servers: `nats://${address}`, name: 'test' });
  await expect(strange).rejects.toThrow(`the broker at nats://${address} wants credentials`);
  expect(processesWith(token)).toEqual([]);
  const told = [await here.run(['status']), await here.run(['doctor'])];
  expect(told.map(({ code }) => code)).toEqual([0, 0]);
  expect(told[1]?.stdout).toContain(`broker nats://***@${address}`);

  const [pid = Number.NaN] = childrenOf(system.pid, 'nats-server');
  process.kill(pid, 'SIGKILL');
  await system.waitForLine(/The broker has ended by itself/);
  await seen(async () => expect((await here.run(['status'])).code).toBe(0));
  await system.term('SIGINT');
  expect([system, ...told].flatMap(({ lines }) => lines).filter((line) => line.includes(token))).toEqual([]);
  const entries = readdirSync(here.path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const holding = files.filter((path) => readFileSync(path, 'latin1').includes(token));
  expect(holding).toEqual([join(here.path, '.setlist/broker/nats-server.conf')]);
});

test('beside Polly the system goes on without the engine, once that can not be brought back', async () => {
  await using here = await place();
  const env = { AWS_ACCESS_KEY_ID: 'dummy', AWS_SECRET_ACCESS_KEY: 'dummy', CONSOLE_PORT: '0' };
  await using system = await here.start(['up', '--provider', 'polly'], env);
  await system.waitForLine(/drop set files into/);
  const port = Number(await readFile(join(here.path, '.setlist/engine/port'), 'utf8'));
  await using squatter = createServer();
  await eventually(() => {
    // The one that was brought back meanwhile, too.
    for (const engine of childrenOf(system.pid, 'polly-local')) process.kill(engine, 'SIGKILL');
    return once(squatter.listen(port, '127.0.0.1'), 'listening');
  });
  await system.waitForLine(/no line can be heard before it is submitted/);
  expect((await here.run(['status'])).code).toBe(0);
  expect((await system.term('SIGINT')).code).toBe(130);
});

test('submit says that no system runs, and refuses what is wrong before it is handed over', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const alone = await here.run(['submit', 'a.yml']);
  expect(alone.code).toBe(3);
  expect(alone.lines.join('\n')).toContain('setlist up');
});

test('submit names a system of another container, and what reaches it', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const space = { host: 'box', boot: 'another boot', ids: 'pid:[1]' };
  const holder = { pid: 1, started: 'another boot:1', command: 'setlist up', space };
  await here.write('.setlist/lock.1', JSON.stringify(holder));
  const ended = await here.run(['submit', 'a.yml']);
  expect(ended.code).toBe(3);
  const said = ended.lines.join(' ');
  expect(said).toMatch(/in use by "setlist up" \(process 1 of box\).*--inbox.*--server/);
});

test('submit --wait ends when the system does, and says that nothing is lost', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 40));
  // What it leaves claimed when it is killed is free again soon.
  const slow = { FAULT_LATENCY_MS: '500', CONCURRENCY: '1', CALL_TIMEOUT: '3s' };
  await using system = await here.start(['up'], slow);
  await system.waitForLine(/drop set files/);
  await using waiting = await here.start(['submit', 'a.yml', '--wait']);
  await system.waitForLine(/accepted +a-/);
  await system.kill9();
  expect((await waiting.exited).code).toBe(3);
  expect(waiting.lines.join('\n')).toContain('Nothing is lost');
  // What the killed system left behind ends with its successor.
  await using next = await here.start(['up']);
  await next.waitForLine(/done +a-\S+: 40 of 40/);
  await next.term('SIGTERM');
});

test('whoever watches the system that runs here is told when it has ended', async () => {
  await using here = await place();
  await here.write('inbox/a.yml', setOf('a', 400));
  const slow = { FAULT_LATENCY_MS: '500', CONCURRENCY: '1' };
  await using system = await here.start(['up', '--no-console'], slow);
  await system.waitForLine(/accepted +a-/);
  await using stack = new AsyncDisposableStack();
  const start = async (...args: string[]) => stack.use(await here.start(args));
  const watching = await Promise.all([
    start('status', '--watch'),
    start('status', 'a', '--watch', '--json'),
    start('replay', '--follow'),
  ]);
  for (const command of watching) await command.waitForLine(/a-/);
  await system.term('SIGTERM');
  for (const command of watching) {
    expect((await command.exited).code).toBe(3);
    expect(command.lines.join('\n')).toContain('"setlist up" has ended');
  }
});

test('is refused queues that tell of no bucket that it watches', async () => {
  await using here = await place();
  const unheard = await here.run(['up'], { SQS_QUEUES: 'https://sqs.eu-central-1.amazonaws.com/1/sets' });
  expect(unheard.code).toBe(2);
  expect(unheard.lines.join('\n')).toContain('--inbox s3://');
});

test('watches a bucket, and takes what commands hand over all the same', async () => {
  await using s3 = await startS3();
  await s3.createBucket('sets');
  const env = { ...s3.env, S3_ENDPOINT: s3.endpoint, S3_REGION: s3.region, S3_FORCE_PATH_STYLE: 'true' };
  await using here = await place();
  const absent = await here.run(['up', '--inbox', 's3://nowhere/in'], env);
  expect(absent.code).toBe(3);
  expect(absent.lines.join('\n')).toMatch(/error: .*nowhere/);

  const settings = { BUCKET_POLL_EVERY: '200ms', CHANNELS_FILE: 'channels.yml' };
  await here.write('channels.yml', 'channels:\n  shelf: {kind: folder, path: shelf}\n');
  await using system = await here.start(['up', '--inbox', 's3://sets/in'], { ...env, ...settings });
  await system.waitForLine(/drop set files into +s3:\/\/sets\/in/);
  // The test's own store finds its credentials as the command does.
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
  const bucket = openStore('s3://sets', { ...s3.s3ClientConfig, forcePathStyle: true });
  const text = setOf('far', 2).replace('defaults:', '  notify: [shelf]\ndefaults:');
  await bucket.put('in/far.yml', Buffer.from(text), { contentType: 'application/yaml' });
  await system.waitForLine(/done +far-\S+: 2 of 2/);
  expect(existsSync(join(here.path, 'outbox/far/item-000001-phrase-1-of-far.mp3'))).toBe(true);
  await eventually(() => readdirSync(join(here.path, 'shelf')).some((name) => name.endsWith('.eml')));

  // The channels are those of the system, whatever the other command's environment.
  const near = setOf('near', 1).replace('defaults:', '  notify: [shelf]\ndefaults:');
  await here.write('near.yml', near);
  expect((await here.run(['submit', 'near.yml', '--wait'])).code).toBe(0);
  await system.term('SIGTERM');
});
