/** Several channels, the folder, old events, and a notifier that is killed. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { subjects } from '@setlist/contracts';
import { eventually, startProcess, startSmtp, type TestProcess, temporaryFolder } from '@setlist/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channel } from '../src/index.ts';
import { type Harness, QUICK, startHarness } from './harness.ts';
import { accepting, type Script, scriptedSmtp } from './scripted-smtp.ts';
import { completed, rejected, SET_ID, setIdOf } from './set-events.ts';

const SET = { name: 'moby-dick', location: '/out' };

let stack: AsyncDisposableStack;
let world: Harness;
let folder: string;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = join(stack.use(await temporaryFolder()).path, 'mail');
  world = stack.use(await startHarness());
});
afterEach(() => stack.disposeAsync());

describe('the folder', () => {
  test('gets the mail and its page, named by set and kind', async () => {
    world.notifier({ MAIL_FOLDER: folder, MAIL_TO: 'jane@example.com' });
    const refused = rejected({ setId: setIdOf(1) });
    await world.happened(completed(), refused);
    expect(await world.noteOf(completed(), 'folder')).toMatchObject({
      name: 'NotificationSent',
      data: { channel: 'folder', recipient: folder, messageId: `<${SET_ID}.completed.1@setlist>` },
    });
    await world.noteOf(refused, 'folder');
    expect((await readdir(folder)).sort()).toEqual([
      `${SET_ID}.completed.1.eml`,
      `${SET_ID}.completed.1.html`,
      `${refused.setId}.rejected.eml`,
      `${refused.setId}.rejected.html`,
    ]);
    const mail = await readFile(join(folder, `${SET_ID}.completed.1.eml`), 'utf8');
    expect(mail).toMatch(/^To: jane@example\.com\r$/m);
    expect(mail).toMatch(/^Subject: Setlist: moby-dick completed, 6 items\r$/m);
    expect(mail).toMatch(/^Content-Type: multipart\/alternative;/m);
    expect(await readFile(join(folder, `${SET_ID}.completed.1.html`), 'utf8')).toContain(
      '6 of 6 items completed',
    );
  });

  test('that can’t be written to is retried until it can', async () => {
    await writeFile(folder, 'a file where the folder should be');
    world.notifier({ MAIL_FOLDER: join(folder, 'mail') });
    await world.happened(completed());
    await eventually(() => world.entries.some(({ code }) => code === 'folder-enotdir'));
    await rm(folder);
    expect(await world.noteOf(completed(), 'folder')).toMatchObject({ name: 'NotificationSent' });
  });
});

describe('a channel that is silent', () => {
  test('keeps neither other channels nor other sets waiting', async () => {
    const silent = stack.use(await scriptedSmtp(() => undefined));
    await silent.open();
    world.notifier({
      SMTP_URL: silent.url,
      MAIL_TO: 'jane@example.com',
      MAIL_FOLDER: folder,
      // Longer than the test waits: if the others were kept waiting, none would be sent.
      SMTP_TIMEOUT: '10m',
    });
    const events = Array.from({ length: 40 }, (_, n) => completed({ setId: setIdOf(n) }));
    await world.happened(...events);
    await Promise.all(events.map((event) => world.noteOf(event, 'folder')));
    expect(silent.commands).not.toContain('DATA');
  });

  /** A mail server that takes a mail and answers when the test lets it. */
  async function holdingServer() {
    const { promise, resolve } = Promise.withResolvers<string>();
    const script: Script = (command) => (command === '.' ? promise : accepting(command));
    const server = stack.use(await scriptedSmtp(script));
    await server.open();
    return { server, accept: () => resolve('250 ok') };
  }

  test('after the end of a mail, for longer than SMTP_TIMEOUT, gets it once', async () => {
    const { server, accept } = await holdingServer();
    world.notifier({ SMTP_URL: server.url, MAIL_TO: 'jane@example.com', SMTP_TIMEOUT: '200ms' });
    await world.happened(completed());
    await eventually(() => server.mails.length > 0);
    const taken = performance.now();
    await eventually(() => performance.now() > taken + 600);
    accept();
    expect(await world.noteOf(completed(), 'mail')).toMatchObject({ name: 'NotificationSent' });
    expect(server.mails).toHaveLength(1);
  });

  test('does not hold up a stop for longer than the stop may take', async () => {
    const { server } = await holdingServer();
    const stop = world.notifier({ SMTP_URL: server.url, MAIL_TO: 'jane@example.com' }, undefined, 10);
    await world.happened(completed());
    await eventually(() => server.mails.length === 1);
    await stop();
    expect(server.mails).toHaveLength(1);
  });
});

describe('the channels that a set names', () => {
  test('are used; if none of them is known, all are, and the log says so', async () => {
    const smtp = stack.use(await startSmtp());
    world.notifier({ SMTP_URL: smtp.url, MAIL_TO: 'jane@example.com', MAIL_FOLDER: folder });
    const byFolder = completed({ set: { ...SET, notify: ['folder'] } });
    const byPager = completed({ setId: setIdOf(1), set: { ...SET, notify: ['pager'] } });
    await world.happened(byFolder, byPager);
    await Promise.all([
      world.noteOf(byFolder, 'folder'),
      world.noteOf(byPager, 'folder'),
      world.noteOf(byPager, 'mail'),
    ]);
    expect(smtp.mails.map(({ messageId }) => messageId)).toEqual([`<${setIdOf(1)}.completed.1@setlist>`]);
    const warning = {
      event: 'unknown-channel',
      set: setIdOf(1),
      unknown: ['pager'],
      used: ['mail', 'folder'],
    };
    expect(world.entries).toContainEqual(expect.objectContaining(warning));
  });
});

describe('a third-party channel', () => {
  test('that throws is retried, and its fault is named in the end', async () => {
    let tries = 0;
    const faulty: Channel = {
      name: 'pager',
      recipient: '***',
      deliver: async () => {
        tries++;
        throw new TypeError('undefined is not a pager');
      },
    };
    world.notifier({ MAIL_FOLDER: folder, RETRY_FOR: '1h' }, [faulty]);
    await world.happened(completed());
    await eventually(() => tries > 1);
    world.moveOn(3_600_000);
    const note = await world.noteOf(completed(), 'pager');
    expect(note).toMatchObject({ name: 'NotificationFailed', data: { code: 'channel-fault', tries } });
    expect(tries).toBeGreaterThan(1);
  });
});

describe('old news', () => {
  /** Appends news until some of it is sent: on a slow machine, one event may be too old before it is read. */
  async function untilNewsIsTold(): Promise<void> {
    const from = (await world.log.head()) + 1;
    let sets = 1;
    const isTold = async (): Promise<boolean> => {
      await world.happened(completed({ setId: setIdOf(++sets) }));
      const notes = world.log.read({ subjects: [subjects.notices('*')], from });
      return (await Array.fromAsync(notes)).some(({ event }) => event?.name === 'NotificationSent');
    };
    await eventually(isTold, { everyMs: 100 });
  }

  test('is noted as failed by each channel that it is for, and new events are announced', async () => {
    const stop = world.notifier({ MAIL_FOLDER: folder });
    const first = completed({ setId: setIdOf(1) });
    await world.happened(first);
    await world.noteOf(first, 'folder');
    await stop();
    await world.happened(completed());
    const appended = world.log.clock.now();
    await eventually(() => world.log.clock.now() > appended + 1_000);
    world.notifier({ MAIL_FOLDER: folder, NOTIFY_MAX_AGE: '1s' });
    expect(await world.noteOf(completed(), 'folder')).toMatchObject({
      name: 'NotificationFailed',
      data: { code: 'too-old', remedy: expect.stringContaining(`"setlist status ${SET_ID}"`) },
    });
    await untilNewsIsTold();
    expect((await readdir(folder)).filter((name) => name.startsWith(SET_ID))).toEqual([]);
  });

  test('from before the very first start is not even read', async () => {
    await world.happened(completed());
    const appended = world.log.clock.now();
    await eventually(() => world.log.clock.now() > appended + 1_000);
    world.notifier({ MAIL_FOLDER: folder, NOTIFY_MAX_AGE: '1s' });
    await untilNewsIsTold();
    expect((await readdir(folder)).filter((name) => name.startsWith(SET_ID))).toEqual([]);
    expect(world.entries.filter(({ cause }) => cause === completed().id)).toEqual([]);
  });
});

describe('a notifier that is killed', () => {
  const run = async (env: Record<string, string>): Promise<TestProcess> => {
    const entry = join(import.meta.dirname, '../src/main.ts');
    const settings = {
      NATS_URL: world.nats.url,
      LOG_FORMAT: 'json',
      MAIL_TO: 'jane@example.com',
      ...QUICK,
      ...env,
    };
    return stack.use(await startProcess({ name: 'notifier', entry, env: settings }));
  };

  test('sends the messages it had put off once it is back, each once', async () => {
    const smtp = stack.use(await startSmtp());
    smtp.failNext(1_000);
    const first = await run({ SMTP_URL: smtp.url, RETRY_BASE: '1s', RETRY_CAP: '1s' });
    await world.happened(completed());
    await eventually(() => smtp.refused > 0);
    await first.kill9();
    const healthy = stack.use(await startSmtp());
    await run({ SMTP_URL: healthy.url });
    expect(await world.noteOf(completed(), 'mail')).toMatchObject({ name: 'NotificationSent' });
    expect(healthy.mails).toHaveLength(1);
    expect(smtp.mails).toHaveLength(0);
  });

  test('between sending and noting sends again under the same Message-ID, and counts it', async () => {
    // The server has the mail, but the notifier doesn't know it yet.
    const mute = stack.use(
      await scriptedSmtp((command) => (command === '.' ? undefined : accepting(command))),
    );
    await mute.open();
    const first = await run({ SMTP_URL: mute.url });
    await world.happened(completed());
    await eventually(() => mute.mails.length === 1);
    await first.kill9();
    const smtp = stack.use(await startSmtp());
    await run({ SMTP_URL: smtp.url });
    expect((await world.noteOf(completed(), 'mail')).data).toMatchObject({ tries: 2 });
    const messageId = `<${SET_ID}.completed.1@setlist>`;
    expect(mute.mails[0]).toContain(`\nMessage-ID: ${messageId}\n`);
    expect(smtp.mails.map((mail) => mail.messageId)).toEqual([messageId]);
  });

  test('exits with code 0 when asked to stop', async () => {
    const process = await run({ MAIL_FOLDER: folder });
    await process.waitForLine(/"event":"ready"/);
    expect(await process.term()).toEqual({ code: 0, signal: null });
  });
});
