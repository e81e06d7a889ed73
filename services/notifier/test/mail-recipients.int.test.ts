/** Mail to recipients of which the server accepts some, refuses others and puts others off. */
import { eventually } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Harness, startHarness } from './harness.ts';
import { accepting, type Script, type ScriptedSmtp, scriptedSmtp } from './scripted-smtp.ts';
import { completed } from './set-events.ts';

let stack: AsyncDisposableStack;
let world: Harness;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  world = stack.use(await startHarness());
});
afterEach(() => stack.disposeAsync());

const HOUR_MS = 3_600_000;

/** Starts a notifier that mails to these addresses by a server with this script. */
async function start(MAIL_TO: string, script: Script): Promise<ScriptedSmtp> {
  const server = stack.use(await scriptedSmtp(script));
  await server.open();
  world.notifier({ SMTP_URL: server.url, MAIL_TO });
  return server;
}

test.each(['jane@Example.com', 'Jo <jo@bücher.example>', 'jürgen@Bücher.example', 'a..b@example.com'])(
  'a refusal of the only recipient is noted as not sent, whatever the form of its address: %s',
  async (MAIL_TO) => {
    await start(MAIL_TO, (command) => {
      if (command.startsWith('EHLO')) return '250-ready\r\n250 SMTPUTF8';
      return command.startsWith('RCPT') ? '550 No such user' : accepting(command);
    });
    await world.happened(completed());
    const note = await world.noteOf(completed(), 'mail');
    expect(note).toMatchObject({ name: 'NotificationFailed', data: { code: 'smtp-550' } });
  },
);

test('each recipient gets one mail, whichever ones the server puts off or refuses', async () => {
  let greylisted = 2;
  const server = await start('jane@Example.com, slow@Example.com, gone@example.com', (command) => {
    if (command.startsWith('RCPT TO:<slow@') && greylisted-- > 0) return '451 Greylisted';
    if (command.startsWith('RCPT TO:<gone@')) return '550 No such user';
    return accepting(command);
  });
  await world.happened(completed());
  const note = await world.noteOf(completed(), 'mail');
  const notTold = { recipient: 'g***@example.com', code: 'smtp-550' };
  expect(note).toMatchObject({
    name: 'NotificationSent',
    data: {
      recipient: 'j***@example.com, s***@example.com',
      tries: 3,
      notTold: [{ ...notTold, message: 'The mail server refused it: 550 No such user' }],
    },
  });
  const recipients = server.commands.filter((command) => command.startsWith('RCPT'));
  expect(recipients.filter((command) => command.includes('jane@'))).toHaveLength(1);
  expect(recipients.filter((command) => command.includes('gone@'))).toHaveLength(1);
  expect(server.commands.filter((command) => command === '.')).toHaveLength(2);
  const entry = {
    event: 'not-told',
    ...notTold,
    msg: expect.stringContaining('to g***@example.com by mail'),
  };
  await eventually(() => expect(world.entries).toContainEqual(expect.objectContaining(entry)));
});

test('a mail that is refused as a whole, after some recipients got it, names the others', async () => {
  let greylisted = 1;
  let offered = 0;
  await start('jane@example.com, slow@example.com', (command) => {
    if (command.startsWith('RCPT TO:<slow@') && greylisted-- > 0) return '451 Greylisted';
    if (command === '.' && ++offered > 1) return '554 Looks like spam';
    return accepting(command);
  });
  await world.happened(completed());
  expect(await world.noteOf(completed(), 'mail')).toMatchObject({
    name: 'NotificationSent',
    data: {
      recipient: 'j***@example.com',
      notTold: [{ recipient: 's***@example.com', code: 'smtp-554' }],
    },
  });
});

test('a mail that is given up names who got it and who was refused, with the reason', async () => {
  const server = await start('jane@example.com, slow@example.com, gone@example.com', (command) => {
    if (command.startsWith('RCPT TO:<slow@')) return '451 Greylisted';
    if (command.startsWith('RCPT TO:<gone@')) return '550 No such user';
    return accepting(command);
  });
  await world.happened(completed());
  await eventually(() => server.mails.length === 1);
  world.moveOn(25 * HOUR_MS);
  const others = 'j***@example.com got it; g***@example.com: The mail server refused it: 550 No such user';
  expect(await world.noteOf(completed(), 'mail')).toMatchObject({
    name: 'NotificationFailed',
    data: {
      code: 'smtp-451',
      message: `Given up after 1 d. The last try: The mail server put it off: 451 Greylisted (${others})`,
    },
  });
});
