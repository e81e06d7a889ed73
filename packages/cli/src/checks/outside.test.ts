import { expect, test } from 'vitest';
import { checkMail, holdsCredentials } from './outside.ts';

const FILE =
  '[default]\nregion = eu-west-1\n\n[profile work]\nsso_session = corp\n[other]\naws_access_key_id=AKIA\n';

test.each([
  ['default', false],
  ['profile work', true],
  ['other', true],
  ['work', false],
])('whether section %j says where credentials come from: %s', (section, expected) => {
  expect(holdsCredentials(FILE, section)).toBe(expected);
});

test('a mail server without a recipient would tell nobody', () => {
  expect(checkMail({ SMTP_URL: 'smtp://localhost' }, 'mail').level).toBe('missing');
  expect(checkMail({ SMTP_URL: 'smtp://localhost', MAIL_TO: 'a@example.com' }, 'mail').level).toBe('ok');
  expect(checkMail({}, 'mail')).toMatchObject({ level: 'warning', found: expect.stringContaining('mail') });
});
