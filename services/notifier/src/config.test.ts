import { Faults, loadConfig } from '@setlist/runtime';
import { expect, test } from 'vitest';
import { notifierConfig } from './config.ts';

const SMTP = {
  SMTP_URL: 'smtp://user:s3cret-word@mail.example.com:587',
  MAIL_TO: 'a@example.com, B <b@example.com>',
};

const faultsOf = (env: Record<string, string>): readonly { name: string; problem: string }[] => {
  try {
    loadConfig(notifierConfig, env);
    return [];
  } catch (error) {
    if (!(error instanceof Faults)) throw error;
    return error.faults as { name: string; problem: string }[];
  }
};

test('a mail server needs recipients, and without one a folder is needed', () => {
  expect(faultsOf(SMTP)).toEqual([]);
  expect(faultsOf({ MAIL_FOLDER: 'mail' })).toEqual([]);
  expect(faultsOf({})).toMatchObject([
    { problem: 'none of SMTP_URL, MAIL_FOLDER and CHANNELS_FILE is set, so nobody could be notified' },
  ]);
  expect(faultsOf({ SMTP_URL: SMTP.SMTP_URL })).toMatchObject([
    { problem: expect.stringContaining('MAIL_TO is not') },
  ]);
});

test('reads addresses and durations', () => {
  expect(loadConfig(notifierConfig, { ...SMTP, RETRY_FOR: '2h' })).toMatchObject({
    MAIL_TO: ['a@example.com', 'B <b@example.com>'],
    RETRY_FOR: 7_200_000,
    NOTIFY_MAX_AGE: 86_400_000,
    NATS_URL: ['nats://127.0.0.1:4222'],
  });
});

test.each([
  'smtp://AKIA:pa/55@mail.example.com:587',
  'smtp://mail:12/pa55@mail.example.com',
  'smtps://mail/inbox',
])('%s is refused, since its slash ends the host, and the fault says how to write it', (SMTP_URL) => {
  expect(faultsOf({ ...SMTP, SMTP_URL })).toMatchObject([
    { name: 'SMTP_URL', problem: expect.stringContaining('percent-encoded (/ is %2F)') },
  ]);
  expect(faultsOf({ ...SMTP, SMTP_URL: 'smtp://AKIA:pa%2F55@mail.example.com:587/?pool=true' })).toEqual([]);
});

test('the broker’s address in messages may hold no credentials, and its fault shows none', () => {
  expect(faultsOf({ ...SMTP, COMMAND_SERVER: 'nats://a:4222,tls://b' })).toEqual([]);
  const faults = faultsOf({ ...SMTP, COMMAND_SERVER: 'nats://jane:s3cret-word@a:4222' });
  expect(faults).toMatchObject([{ problem: expect.stringContaining('it is sent to people') }]);
  expect(JSON.stringify(faults)).not.toContain('s3cret-word');
});

test('the mail server’s password shows in no fault', () => {
  const faults = faultsOf({ ...SMTP, SMTP_URL: 'http://user:s3cret-word@mail.example.com' });
  expect(faults).toMatchObject([{ name: 'SMTP_URL' }]);
  expect(JSON.stringify(faults)).not.toContain('s3cret-word');
});
