/** What a remote mail server gets over an unencrypted connection, and what is said where an encrypted one fails. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Harness, startHarness } from './harness.ts';
import { accepting, type Script, type ScriptedSmtp, scriptedSmtp } from './scripted-smtp.ts';
import { completed } from './set-events.ts';

let stack: AsyncDisposableStack;
let world: Harness;
let server: ScriptedSmtp;
let address: string;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  server = stack.use(await scriptedSmtp(withoutStarttls));
  await server.open();
  // This does not look like a loopback address, but leads to this machine.
  address = server.url.replace('//127.0.0.1', '//jane:hunter2@0.0.0.0');
  world = stack.use(await startHarness());
});
afterEach(() => stack.disposeAsync());

function withoutStarttls(command: string): ReturnType<Script> {
  if (command.startsWith('EHLO')) return '250-ready\r\n250 AUTH PLAIN';
  if (command === 'STARTTLS') return '502 What?';
  return command.startsWith('AUTH') ? '235 Welcome' : accepting(command);
}

const logins = (): string[] => server.commands.filter((command) => command.startsWith('AUTH'));

test('gets neither login nor message if it offers no STARTTLS', async () => {
  world.notifier({ SMTP_URL: address, MAIL_TO: 'jane@example.com', RETRY_FOR: '300ms' });
  await world.happened(completed());
  expect(await world.noteOf(completed(), 'mail')).toMatchObject({
    name: 'NotificationFailed',
    data: { code: 'smtp-tls', remedy: expect.stringContaining('requireTLS=false') },
  });
  expect(logins()).toEqual([]);
  expect(server.mails).toEqual([]);
});

test('gets both if its address allows it', async () => {
  world.notifier({ SMTP_URL: `${address}?requireTLS=false`, MAIL_TO: 'jane@example.com' });
  await world.happened(completed());
  expect(await world.noteOf(completed(), 'mail')).toMatchObject({ name: 'NotificationSent' });
  expect(logins()).toHaveLength(1);
});

test('is said to need smtp:// if its address begins with smtps:// and the port starts unencrypted', async () => {
  const SMTP_URL = server.url.replace('smtp:', 'smtps:');
  world.notifier({ SMTP_URL, MAIL_TO: 'jane@example.com', SMTP_TIMEOUT: '60s', RETRY_FOR: '300ms' });
  await world.happened(completed());
  expect(await world.noteOf(completed(), 'mail')).toMatchObject({
    name: 'NotificationFailed',
    data: { code: 'smtp-tls', remedy: expect.stringContaining('smtp:// on port 587') },
  });
});
