/** Mail through real SMTP servers, from a real log. */
import type { SetlistEvent } from '@setlist/contracts';
import { eventually, type SmtpServer, startSmtp } from '@setlist/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Harness, startHarness } from './harness.ts';
import { accepting, scriptedSmtp } from './scripted-smtp.ts';
import {
  cancelled,
  completed,
  completedWithFailures,
  problem,
  rejected,
  SET_ID,
  setIdOf,
  stalled,
  unstalled,
} from './set-events.ts';

const MAIL_TO = 'Jane <jane@example.com>';
const MESSAGE_ID = `<${SET_ID}.completed.1@setlist>`;

let stack: AsyncDisposableStack;
let world: Harness;
let smtp: SmtpServer;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  smtp = stack.use(await startSmtp());
  world = stack.use(await startHarness());
});
afterEach(() => stack.disposeAsync());

const start = (settings: Record<string, string> = {}): (() => Promise<void>) =>
  world.notifier({ SMTP_URL: smtp.url, MAIL_TO, ...settings });

const subjectsSeen = (): (string | undefined)[] => smtp.mails.map(({ subject }) => subject).sort();

test('announces every outcome of a set, once each', async () => {
  start();
  const refused = rejected({ setId: setIdOf(1) });
  const tooDear = { problems: [{ ...problem(1), code: 'over-budget' }], problemCount: 1 };
  const told: SetlistEvent[] = [
    ...[refused, rejected({ setId: setIdOf(4), ...tooDear })],
    ...[completed({ setId: setIdOf(2) }), cancelled({ setId: setIdOf(3) })],
    ...[completedWithFailures({ setId: setIdOf(7) }), stalled({ setId: setIdOf(5) })],
  ];
  await world.happened(...told);
  // On a slow machine, the end of a stall would otherwise replace the news of it.
  await world.noteOf(stalled({ setId: setIdOf(5) }), 'mail');
  const moving = unstalled({ setId: setIdOf(5) });
  await world.happened(moving);
  told.push(moving);
  await smtp.waitFor(told.length);
  for (const event of told) await world.noteOf(event, 'mail');
  expect(subjectsSeen()).toEqual([
    'Setlist: moby-dick completed, 3 of 6 items failed',
    'Setlist: moby-dick completed, 6 items',
    'Setlist: moby-dick has stalled, 2 items waiting',
    'Setlist: moby-dick is moving again, 5 of 6 items completed',
    'Setlist: moby-dick was cancelled, 6 of 6 items completed',
    'Setlist: romeo juliet.yml was refused, 2 problems',
    'Setlist: romeo juliet.yml was refused, it costs more than may be spent',
  ]);
});

test('a mail has both parts, an id that derives from the event, and a mark as automatic', async () => {
  start();
  await world.happened(completed());
  const [mail] = await smtp.waitFor(1);
  expect(mail).toMatchObject({
    messageId: MESSAGE_ID,
    references: `<${SET_ID}@setlist>`,
    subject: 'Setlist: moby-dick completed, 6 items',
  });
  expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(mail?.text?.split('\n')[0]).toBe(
    'Your Amazon Polly batch set moby-dick (Moby Dick by Herman Melville) completed with 6 successful tasks and 0 failures. The requested files are in /srv/setlist/outbox/moby-dick/.',
  );
  expect(mail?.html).toContain('6 of 6 items completed');
});

test('notes what was sent, with the recipient masked there and in the log', async () => {
  start();
  await world.happened(completed());
  const note = await world.noteOf(completed(), 'mail');
  expect(note).toMatchObject({
    name: 'NotificationSent',
    id: `${SET_ID}/completed/1/sent/mail`,
    source: '/setlist/notifier',
    causationId: completed().id,
    data: {
      channel: 'mail',
      recipient: 'j***@example.com',
      causeName: 'SetCompleted',
      messageId: MESSAGE_ID,
      tries: 1,
    },
  });
  const sent = { event: 'sent', recipient: 'j***@example.com' };
  await eventually(() => expect(world.entries).toContainEqual(expect.objectContaining(sent)));
  expect(JSON.stringify(world.entries)).not.toContain('jane@');
});

describe('sends one mail', () => {
  test('when the completion event is redelivered', async () => {
    const stop = start();
    await world.happened(completed());
    await world.noteOf(completed(), 'mail');
    await stop();
    // The same fact appended again: another message in the log, another delivery, the same event.
    await world.happened(completed());
    start();
    const after = completed({ setId: setIdOf(1) });
    await world.happened(after);
    await world.noteOf(after, 'mail');
    expect(smtp.mails.map(({ messageId }) => messageId)).toEqual([
      MESSAGE_ID,
      `<${after.setId}.completed.1@setlist>`,
    ]);
  });

  test('for each of thirty sets when there are two notifiers', async () => {
    start();
    start();
    const events = Array.from({ length: 30 }, (_, n) => completed({ setId: setIdOf(n) }));
    await world.happened(...events);
    const notes = await Promise.all(events.map((event) => world.noteOf(event, 'mail')));
    expect(notes.every(({ name, data }) => name === 'NotificationSent' && data.tries === 1)).toBe(true);
    expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(30);
    expect(smtp.mails).toHaveLength(30);
  });

  test('when the server put it off three times', async () => {
    smtp.failNext(3);
    start();
    await world.happened(completed());
    expect((await world.noteOf(completed(), 'mail')).data).toMatchObject({ tries: 4 });
    expect(smtp.refused).toBe(3);
    expect(smtp.mails).toHaveLength(1);
  });

  test('when the broker is killed and comes back', async () => {
    start();
    await world.happened(completed());
    await world.noteOf(completed(), 'mail');
    await world.nats.kill9();
    await world.nats.restart();
    const after = completed({ setId: setIdOf(1) });
    await world.happened(after);
    await world.noteOf(after, 'mail');
    expect(smtp.mails).toHaveLength(2);
  });
});

describe('a mail server that is down', () => {
  test('gets the mails when it is back, and few tries before that', async () => {
    const server = stack.use(await scriptedSmtp(accepting));
    // Rests so long that all messages would be tried within one.
    start({ SMTP_URL: server.url, RETRY_BASE: '500ms', RETRY_CAP: '500ms' });
    const events = Array.from({ length: 20 }, (_, n) => completed({ setId: setIdOf(n) }));
    await world.happened(...events);
    const rests = (): number => world.entries.filter(({ event }) => event === 'channel-down').length;
    await eventually(() => rests() > 2);
    await server.open();
    const notes = await Promise.all(events.map((event) => world.noteOf(event, 'mail')));
    const inVain = notes.reduce((sum, { data }) => sum + data.tries - 1, 0);
    // While the channel rests, only what was in flight can still fail: five messages at most.
    expect(inVain).toBeLessThanOrEqual(5 * rests());
    expect(server.commands.filter((command) => command === '.')).toHaveLength(20);
    expect(world.entries).toContainEqual(expect.objectContaining({ event: 'channel-up', channel: 'mail' }));
  });

  test('is given up after RETRY_FOR, with the reason', async () => {
    const server = stack.use(await scriptedSmtp(accepting));
    start({ SMTP_URL: server.url, RETRY_FOR: '300ms' });
    await world.happened(completed());
    const note = await world.noteOf(completed(), 'mail');
    expect(note).toMatchObject({
      name: 'NotificationFailed',
      data: {
        code: 'smtp-unreachable',
        message: expect.stringMatching(/^Given up after .* The last try: .*ECONNREFUSED/),
        remedy: expect.stringContaining('SMTP_URL'),
      },
    });
  });
});

test('a recipient refused for good fails at once, with the reason, and is not tried again', async () => {
  smtp.failNext(1, { code: 550, text: '<jane@example.com>: no such user' });
  start();
  await world.happened(completed());
  expect(await world.noteOf(completed(), 'mail')).toMatchObject({
    name: 'NotificationFailed',
    data: {
      code: 'smtp-550',
      message: 'The mail server refused it: 550 <j***@example.com>: no such user',
      remedy: expect.stringContaining('MAIL_TO'),
      tries: 1,
    },
  });
  const after = completed({ setId: setIdOf(1) });
  await world.happened(after);
  await world.noteOf(after, 'mail');
  expect(smtp.refused).toBe(1);
  expect(smtp.mails).toHaveLength(1);
});
