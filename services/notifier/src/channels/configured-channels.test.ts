import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Faults, loadConfig } from '@setlist/runtime';
import { type TemporaryFolder, temporaryFolder } from '@setlist/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { notifierConfig } from '../config.ts';
import { NO_MANIFESTS } from '../manifests.ts';
import { openWording } from '../templating/templates.ts';
import type { ChannelFault } from './channels-faults.ts';
import { channelTraits, configuredChannels } from './configured-channels.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const context = {
  manifests: NO_MANIFESTS,
  wording: openWording().mailOf,
  env: { TEAM_URL: 'https://hooks.example.com/T/s3cret' },
};

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function settings(yaml: string, env: Record<string, string> = {}) {
  const file = join(folder.path, 'channels.yml');
  await writeFile(file, yaml);
  return loadConfig(notifierConfig, { CHANNELS_FILE: file, ...env });
}

async function faults(yaml: string, env: Record<string, string> = {}): Promise<string[]> {
  try {
    configuredChannels(await settings(yaml, env), context);
    return [];
  } catch (error) {
    if (!(error instanceof Faults)) throw error;
    expect(error.message).not.toContain('s3cret');
    const found = error.faults as ChannelFault[];
    return found.map(({ where, problem }) => `${where.slice(folder.path.length + 1)}: ${problem}`);
  }
}

const EVERY_KIND = `
channels:
  editors: { kind: mail, url: 'smtp://user:s3cret@mail.example.com:587', to: [jane@example.com, 'Bo <bo@example.com>'] }
  archive: { kind: folder, path: mail }
  team: { kind: slack, url: { env: TEAM_URL }, notices: [stalled, rejected] }
  office: { kind: teams, url: { file: secrets/office } }
  guild: { kind: discord, url: https://discord.example.com/api/webhooks/1/s3cret, rate: 2 }
  records: { kind: sns, topic: 'arn:aws:sns:eu-central-1:123456789012:setlist' }
  ops:
    kind: webhook
    url: https://ops.example.com/setlist
    secrets: [{ file: secrets/new }, { file: secrets/old }]
    default: false
`;

test('opens a channel of every kind, besides those of variables, with secrets from files and variables', async () => {
  await mkdir(join(folder.path, 'secrets'));
  await writeFile(join(folder.path, 'secrets/office'), 'https://office.example.com/s3cret\n');
  await writeFile(join(folder.path, 'secrets/new'), `${SECRET}\n`);
  await writeFile(join(folder.path, 'secrets/old'), SECRET);
  const variables = {
    SMTP_URL: 'smtp://127.0.0.1:25',
    MAIL_TO: 'a@example.com',
    MAIL_FOLDER: '/var/mail/setlist',
  };
  const made = await settings(EVERY_KIND, variables);
  const channels = configuredChannels(made, context);
  expect(channels.map(({ name, recipient, perSecond }) => [name, recipient, perSecond])).toEqual([
    ['mail', 'a***@example.com', undefined],
    ['folder', '/var/mail/setlist', undefined],
    ['editors', 'j***@example.com, b***@example.com', 10],
    ['archive', join(folder.path, 'mail'), undefined],
    ['team', 'https://hooks.example.com/***', 1],
    ['office', 'https://office.example.com/***', 1],
    ['guild', 'https://discord.example.com/***', 2],
    ['records', 'arn:aws:sns:eu-central-1:***:setlist', 30],
    ['ops', 'https://ops.example.com/***', 10],
  ]);
  expect(channels.find(({ name }) => name === 'team')?.notices).toEqual(['stalled', 'rejected']);
  expect(channels.filter(({ byDefault }) => byDefault === false).map(({ name }) => name)).toEqual(['ops']);
  // As long as a mail server may take to accept a mail.
  expect(channels.filter(({ tryWithinMs = 0 }) => tryWithinMs >= 600_000).map(({ name }) => name)).toEqual([
    'mail',
    'editors',
  ]);
  expect(channelTraits(made)).toEqual(
    channels.map(({ name, byDefault, notices }) => ({
      name,
      ...(byDefault === undefined ? {} : { byDefault }),
      ...(notices === undefined ? {} : { notices }),
    })),
  );
});

test('a file may be JSON', async () => {
  const channels = { archive: { kind: 'folder', path: '/tmp/x' } };
  expect(configuredChannels(await settings(JSON.stringify({ channels })), context)).toHaveLength(1);
});

describe('every fault is named at once, with line and column, and no secret is shown', () => {
  test('of the file’s form', async () => {
    const yaml = `channels:
  team: { kind: slak, url: https://hooks.example.com/s3cret }
  ops: { kind: webhook, url: https://hooks.example.com/s3cret }
  guild: { kind: discord, url: 7, rate: 0, colour: red }
  records: { kind: sns, topic: setlist }
  desk: { kind: folder, path: x, notices: [finished] }
`;
    expect(await faults(yaml)).toEqual([
      'channels.yml:2:17: team.kind must be mail, folder, slack, teams, discord, sns or webhook',
      expect.stringMatching(/^channels\.yml:3:8: ops\.secrets: Invalid input: expected array/),
      'channels.yml:4:32: guild.url: must be a text, {file: PATH} or {env: NAME}',
      expect.stringMatching(/^channels\.yml:4:41: guild\.rate: Too small/),
      'channels.yml:4:52: guild has no key colour',
      'channels.yml:5:32: records.topic: must be the ARN of a topic, arn:aws:sns:REGION:ACCOUNT:NAME',
      expect.stringMatching(/^channels\.yml:6:44: desk\.notices\.0: Invalid option/),
    ]);
  });

  test('of its content and what it refers to', async () => {
    await writeFile(join(folder.path, 'empty'), '\n');
    const yaml = `channels:
  a: { kind: slack, url: { env: NOT_SET } }
  b: { kind: slack, url: { file: nowhere } }
  c: { kind: slack, url: { file: empty } }
  d: { kind: slack, url: not-an-address-s3cret }
  e: { kind: slack, url: 'http://hooks.example.com/s3cret' }
  f: { kind: slack, url: 'https://169.254.169.254/s3cret' }
  g: { kind: webhook, url: 'https://x.example.com', secrets: [s3cret, whsec_czNjcmV0] }
  mail: { kind: mail, url: 'http://s3cret.example.com', to: [jane@example.com] }
  folder: { kind: folder, path: x }
`;
    expect(await faults(yaml, { MAIL_FOLDER: 'x' })).toEqual([
      'channels.yml:2:26: url refers to NOT_SET, which the environment does not set',
      `channels.yml:3:26: url refers to ${join(folder.path, 'nowhere')}, which can't be read (ENOENT)`,
      'channels.yml:4:26: url is empty',
      'channels.yml:5:26: url is not an address such as https://example.com/hooks/1',
      expect.stringMatching(
        /^channels\.yml:6:26: url: http:\/\/ is not allowed, only https:\/\/; WEBHOOK_HTTP/,
      ),
      expect.stringMatching(/^channels\.yml:7:26: url: 169\.254\.169\.254, which is not a public address/),
      'channels.yml:8:63: secret 1 is not a webhook secret; one is whsec_ followed by base64',
      'channels.yml:8:71: secret 2 holds 6 bytes; a secret has 24 to 64',
      expect.stringMatching(/^channels\.yml:9:28: url must be smtp:.*percent-encoded/),
      'channels.yml:10:11: folder already exists, by MAIL_FOLDER; give this one another name',
    ]);
  });

  test('of names, and of form and content together', async () => {
    expect(await faults('channels:\n  Mail: { kind: folder, path: x }\n')).toEqual([
      expect.stringMatching(/^channels\.yml:2:9: Mail: must be lower-case letters, digits and dashes/),
    ]);
    expect(
      await faults('channels:\n  a: { kind: slak }\n  b: { kind: slack, url: { env: NOT_SET } }\n'),
    ).toEqual([
      expect.stringContaining('channels.yml:2:14: a.kind must be mail'),
      expect.stringContaining('channels.yml:3:26: url refers to NOT_SET'),
    ]);
  });

  test('of YAML', async () => {
    expect(
      await faults('channels:\n  a: { kind: folder, path: x }\n  a: { kind: folder, path: y }\n'),
    ).toEqual([expect.stringMatching(/^channels\.yml:3:3: is not YAML: .*unique/)]);
    expect(await faults('')).toEqual([expect.stringMatching(/^channels\.yml:1:1: the file: /)]);
  });

  test.each([
    [
      '  a: { kind: slack, url: *s3cret.example/T }\n',
      /^channels\.yml:2:26: no anchor precedes the alias here; add one, /,
    ],
    ['  a:\n    url: | https://hooks.example.com/s3cret\n', /^channels\.yml:3:12: is not YAML: /],
    ['  a: { url: "\\xs3cret" }\n', /^channels\.yml:2:\d+: is not YAML: /],
    ['  a: !!s3cret,x [x]\n', /^channels\.yml:2:/],
    [
      '  a: { kind: slack, url: { env: https://hooks.example.com/s3cret } }\n',
      'channels.yml:2:26: url refers to a variable, which the environment does not set',
    ],
    [
      '  a: { kind: slack, url: { file: https://hooks.example.com/s3cret } }\n',
      "channels.yml:2:26: url refers to a file, which can't be read (ENOENT)",
    ],
    [
      '  a: { kind: slack, url: { env: TEAM_URL }, https://hooks.example.com/s3cret: x }\n',
      'channels.yml:2:79: a has no key like the one here',
    ],
    ['  https://hooks.example.com/s3cret: x\n', /^channels\.yml:2:37: …: must be lower-case letters/],
    [
      '  a: { kind: folder, path: x }\nhttps://hooks.example.com/s3cret: x\n',
      /^channels\.yml:3:35: the file has /,
    ],
  ])('of a secret in the wrong place: %s', async (yaml, fault) => {
    const matching = typeof fault === 'string' ? fault : expect.stringMatching(fault);
    expect(await faults(`channels:\n${yaml}`)).toContainEqual(matching);
  });

  test('of aliases: each one without an anchor, and those that expand to too much', async () => {
    const unknown = 'channels:\n  a: { kind: folder, path: *nowhere }\n  b: *gone\n';
    expect(await faults(unknown)).toEqual([
      expect.stringMatching(/^channels\.yml:2:28: no anchor precedes the alias nowhere; add one/),
      expect.stringMatching(/^channels\.yml:3:6: no anchor precedes the alias gone; /),
    ]);
    const ten = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(of).join(', ')}]\n`;
    const many = `${ten('a', 'x')}${ten('b', '*a')}${ten('c', '*b')}${ten('d', '*c')}channels: {}\n`;
    expect(await faults(many)).toEqual([
      expect.stringMatching(/^channels\.yml:4:\d+: the aliases up to here/),
    ]);
    const used = 'channels:\n  a: &a { kind: folder, path: x }\n  b: *a\n';
    expect(await faults(used)).toEqual([]);
  });
});

test('a file without a default channel is refused: a set that names none would notify nobody', async () => {
  const yaml = 'channels:\n  a: { kind: folder, path: x, default: false }\n';
  expect(await faults(yaml)).toEqual([expect.stringContaining('there is no default channel')]);
  expect(await faults(yaml, { MAIL_FOLDER: 'x' })).toEqual([]);
});

test('a file without any channel is refused, unless a variable makes one', async () => {
  expect(await faults('channels: {}\n')).toEqual([
    'channels.yml:1:11: there is no channel, so nobody could be notified',
  ]);
  expect(await faults('channels: {}\n', { MAIL_FOLDER: 'x' })).toEqual([]);
});

test('a file that can’t be read says so', async () => {
  const made = loadConfig(notifierConfig, { CHANNELS_FILE: join(folder.path, 'nowhere.yml') });
  expect(() => configuredChannels(made, context)).toThrow(/ENOENT.*nowhere\.yml/);
});
