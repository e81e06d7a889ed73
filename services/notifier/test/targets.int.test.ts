/** Where messages may be posted to, and which channel gets which, over real HTTP. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, loadConfig } from '@setlist/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNotifier, notifierConfig } from '../src/index.ts';
import type { Harness } from './harness.ts';
import { LOOPBACK, type Posting, type Receiver, startPosting } from './receiver.ts';
import { cancelled, completed, SET_ID, setIdOf, stalled } from './set-events.ts';

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

describe('where messages may go', () => {
  const failsWith = async (url: string, settings: Record<string, string>) => {
    await start({ ops: hook({ url }) }, settings);
    await world.happened(completed());
    return (await world.noteOf(completed(), 'ops')).data;
  };

  test('a name that resolves to a loopback address is refused, and nothing is sent', async () => {
    const url = `http://localhost:${receiver.port}/hook`;
    expect(await failsWith(url, { WEBHOOK_NETWORKS: '10.0.0.0/8' })).toMatchObject({
      code: 'target-not-allowed',
      message: expect.stringMatching(/^localhost is (127\.0\.0\.1|::1), which is not a public address/),
      remedy: expect.stringContaining('WEBHOOK_NETWORKS'),
    });
    expect(receiver.posts).toHaveLength(0);
  });

  test('where its network is allowed, it is reached', async () => {
    const url = `http://localhost:${receiver.port}/hook`;
    await start({ ops: hook({ url }) }, { WEBHOOK_NETWORKS: '127.0.0.0/8,::1' });
    await world.happened(completed());
    expect(await world.noteOf(completed(), 'ops')).toMatchObject({ name: 'NotificationSent' });
  });

  test.each([
    ['an address of this machine', { WEBHOOK_NETWORKS: '' }, 'url: 127.0.0.1, which is not a public address'],
    ['http', { WEBHOOK_HTTP: 'no' }, 'url: http:// is not allowed, only https://'],
  ])('%s in the file is refused at the start', async (_, settings, fault) => {
    const file = join(world.folder, 'channels.json');
    await writeFile(file, JSON.stringify({ channels: { ops: hook() } }, null, 2));
    const notifier = () =>
      createNotifier(loadConfig(notifierConfig, { CHANNELS_FILE: file, ...LOOPBACK, ...settings }), {
        log: world.log,
        logger: createLogger({ service: 'notifier', level: 'silent', pretty: false }),
      });
    expect(notifier).toThrow(`channels.json:5:14: ${fault}`);
  });
});

describe('chats', () => {
  test.each([
    ['slack', 'blocks'],
    ['teams', 'attachments'],
    ['discord', 'embeds'],
  ])('%s gets its own format', async (kind, key) => {
    await start({ team: { kind, url: `${receiver.url}/services/T0/B0/s3cret-token` } });
    await world.happened(stalled());
    const [posted] = await receiver.waitFor(1);
    expect(JSON.parse(posted?.body ?? '{}')).toHaveProperty(key);
    expect(posted?.body).toContain('There is a problem with your Polly batch set moby-dick');
    expect((await world.noteOf(stalled(), 'team')).data).toMatchObject({ recipient: `${receiver.url}/***` });
    expect(JSON.stringify(world.entries)).not.toContain('s3cret-token');
  });
});

test('an answer that repeats the request shows no secret in the log or in the note', async () => {
  receiver.answer = (response, { path }) => void response.writeHead(410).end(`<h1>No ${path}</h1>`);
  await start({
    team: { kind: 'slack', url: `${receiver.url}/services/T0/B0/s3cret-token` },
    ops: hook(),
  });
  await world.happened(completed());
  for (const channel of ['team', 'ops']) {
    const { data } = await world.noteOf(completed(), channel);
    expect(data).toMatchObject({ code: 'http-410', message: expect.stringContaining('<h1>No ***') });
  }
  expect(JSON.stringify(world.entries)).not.toContain('s3cret');
});

describe('several channels of one kind', () => {
  test('each get the notices that they are for', async () => {
    const post = (path: string, more: object) => hook({ url: `${receiver.url}/${path}`, ...more });
    await start({
      all: post('all', {}),
      alarms: post('alarms', { notices: ['stalled', 'cancelled'] }),
      asked: post('asked', { default: false }),
    });
    const asked = completed({ setId: setIdOf(1), set: { name: 'a', location: '/out', notify: ['asked'] } });
    await world.happened(completed(), cancelled({ setId: setIdOf(2) }), asked);
    await receiver.waitFor(4);
    await world.noteOf(asked, 'asked');
    const told = receiver.posts.map(({ path, headers }) => `${path} ${headers['webhook-id']}`).sort();
    expect(told).toEqual([
      `/alarms ${setIdOf(2)}_cancelled_alarms`,
      `/all ${SET_ID}_completed_1_all`,
      `/all ${setIdOf(2)}_cancelled_all`,
      `/asked ${setIdOf(1)}_completed_1_asked`,
    ]);
  });
});
