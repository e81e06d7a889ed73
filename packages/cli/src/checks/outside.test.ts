import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { dataFolder } from '../system/folder/data-folder.ts';
import { checkCredentials, checkMessages } from './outside.ts';

const CONFIG = `[default]
region = eu-west-1
[profile work]
sso_session = corp
[profile signed-in]
login_session = arn:aws:iam::1:user/me
[profile machine]
role_arn = arn:aws:iam::1:role/r
credential_source = Ec2InstanceMetadata
[sso-session corp]
sso_start_url = https://example.com
[login_session]
`;
const CREDENTIALS =
  '[other]\naws_access_key_id=AKIA\naws_secret_access_key=s\n[profile named]\naws_access_key_id=AKIA\n';

test.each([
  ['work', 'config'],
  ['signed-in', 'config'],
  ['machine', 'config'],
  ['other', 'credentials'],
  ['default', undefined],
  ['corp', undefined],
  ['named', undefined],
  ['absent', undefined],
])('finds the source of credentials for profile %j: %s', async (profile, file) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await writeFile(at('config'), CONFIG);
  await writeFile(at('credentials'), CREDENTIALS);
  const files = { AWS_CONFIG_FILE: at('config'), AWS_SHARED_CREDENTIALS_FILE: at('credentials') };
  expect(await checkCredentials({ ...files, AWS_PROFILE: profile })).toMatchObject(
    file === undefined
      ? { level: 'warning', found: expect.stringContaining('none found') }
      : { level: 'ok', found: expect.stringContaining(`profile ${profile} in ${at(file)}`) },
  );
});

test('unreadable credentials are reported as a warning, not as an error', async () => {
  await using folder = await temporaryFolder();
  const isFile = join(folder.path, 'file');
  await writeFile(isFile, '');
  for (const [path, why] of [
    [folder.path, 'EISDIR'],
    [join(isFile, 'credentials'), 'ENOTDIR'],
  ] as const) {
    const finding = await checkCredentials({ AWS_SHARED_CREDENTIALS_FILE: path });
    expect(finding).toMatchObject({
      level: 'warning',
      found: expect.stringContaining(`${path} can't be read (${why}`),
    });
  }
});

describe('messages go', () => {
  const data = dataFolder('data', '/');
  const told = (env: Record<string, string>) => checkMessages(env, data);

  test('to a folder only, unless more is configured', () => {
    expect(told({})).toMatchObject({ level: 'warning', found: expect.stringContaining('/data/mail') });
    expect(told({ MAIL_FOLDER: 'mails' })).toMatchObject({
      level: 'ok',
      found: expect.stringContaining('by folder'),
    });
  });

  test('nowhere if a mail server has no recipient', () => {
    expect(told({ SMTP_URL: 'smtp://localhost' })).toMatchObject({
      level: 'missing',
      remedy: expect.stringContaining('MAIL_TO'),
    });
    expect(told({ SMTP_URL: 'smtp://localhost', MAIL_TO: 'a@example.com' }).level).toBe('ok');
  });

  test('to the channels of a file; faults in it are reported', async () => {
    await using folder = await temporaryFolder();
    const CHANNELS_FILE = join(folder.path, 'channels.yml');
    await writeFile(
      CHANNELS_FILE,
      'channels: { team: { kind: slack, url: { env: TEAM } }, here: { kind: folder, path: here } }',
    );
    expect(told({ CHANNELS_FILE, TEAM: 'https://hooks.example.com/1' })).toMatchObject({
      level: 'ok',
      found: expect.stringContaining('by team, here'),
    });
    expect(told({ CHANNELS_FILE })).toMatchObject({
      level: 'missing',
      found: 'The channels have 1 fault:',
      remedy: expect.stringMatching(/url refers to TEAM.*\nCorrect CHANNELS_FILE/),
    });
    expect(told({ CHANNELS_FILE: `${CHANNELS_FILE}.gone` }).level).toBe('missing');
  });
});
