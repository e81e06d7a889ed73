/** The commands that only look: they start nothing they don't need, and change nothing. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../src/system/folder/lock.ts';
import { jsonLines, place, setOf } from './cli.ts';

test.skipIf(process.platform === 'win32')(
  'refuses a pipe as a set file, without waiting for it',
  async () => {
    await using here = await place();
    execFileSync('mkfifo', [join(here.path, 'pipe.yml')]);
    for (const command of [['validate'], ['plan'], ['run'], ['adopt', '.']]) {
      const ended = await here.run([...command, 'pipe.yml']);
      expect(ended.code, command[0]).toBe(2);
      expect(ended.lines.join('\n')).toMatch(
        /pipe\.yml:1:1: this is a pipe, not a file \(write the set to a file/,
      );
    }
    expect((await here.run(['validate', '/dev/zero'])).stdout).toContain('this is a device, not a file');
    expect((await here.run(['validate', '.'])).stdout).toContain('this is a folder');
  },
);

test('plan refuses what run would refuse at the door', async () => {
  await using here = await place();
  const long = `set:\n  name: long\nitems:\n  - text: ${'word '.repeat(900)}\n`;
  await here.write('long.yml', long);
  const plan = (...more: string[]) => here.run(['plan', 'long.yml', '--provider', 'polly', ...more]);
  const refused = await plan();
  expect(refused.code).toBe(2);
  expect(refused.lines.join('\n')).toContain('bucket');
  expect((await plan('--task-bucket', 'sounds')).code).toBe(0);
  await here.write('told.yml', setOf('told', 1).replace('defaults:', '  notify: [nobody]\ndefaults:'));
  expect((await here.run(['plan', 'told.yml'])).code).toBe(2);
});

test('plan tells new items from cached ones, and counts a repeated phrase once', async () => {
  await using here = await place();
  const text = `${setOf('tour', 2)}  - text: Phrase 0 of tour.\n    output-file: again.mp3\n`;
  await here.write('tour.yml', text);
  const [fresh] = jsonLines(await here.run(['plan', 'tour.yml', '--json', '--provider', 'polly']));
  expect(Object.keys(fresh ?? {})).toEqual([
    'set',
    'prefix',
    'items',
    'states',
    'billedCharacters',
    'estimatedUsd',
    'estimatedSeconds',
    'leftBehind',
  ]);
  expect(fresh).toMatchObject({ set: 'tour', prefix: 'tour', billedCharacters: 34, estimatedUsd: '0.00014' });
  expect(fresh?.items).toMatchObject([
    {
      index: 0,
      file: 'item-000000-phrase-0-of-tour.mp3',
      voice: 'Matthew',
      engine: 'standard',
      state: 'new',
    },
    { index: 1, billedCharacters: 17 },
    { index: 2, file: 'again.mp3', state: 'new' },
  ]);
  expect(existsSync(join(here.path, '.setlist')), 'a plan leaves nothing behind').toBe(false);

  await here.write('half.yml', setOf('half', 1, 'tour'));
  expect((await here.run(['run', 'half.yml'])).code).toBe(0);
  const [half] = jsonLines(await here.run(['plan', 'tour.yml', '--json']));
  expect(half).toMatchObject({ billedCharacters: 17, estimatedUsd: '0.00' });
  expect(half?.items).toMatchObject([{ state: 'cached' }, { state: 'new' }, { state: 'cached' }]);
  expect((await here.run(['plan', 'tour.yml'])).stdout).toContain('3: 1 new, 2 cached');
  const byPolly = await here.run(['plan', 'tour.yml', '--provider', 'polly']);
  expect(byPolly.stdout).toContain('less than a second, by Polly’s default quotas');
});

test('voices gives the date of its table', async () => {
  await using here = await place();
  const ended = await here.run(['voices', '--language', 'en-GB', '--engine', 'neural']);
  expect(ended.stdout).toMatch(/English \(British\) +en-GB +Amy +Female +standard, neural, generative/);
  expect(ended.lines.join('\n')).toMatch(/as documented on \d{4}-\d\d-\d\d/);
  expect((await here.run(['voices', '--language', 'tlh'])).code).toBe(2);
});

test('doctor finds everything that is needed, or says what is missing', async () => {
  await using here = await place();
  const well = await here.run(['doctor']);
  expect(well.stdout).toMatch(/ok +nats-server +\d+\.\d+\.\d+, /);
  expect(well.stdout).toMatch(/ok +local engine +speaks: \d+ bytes/);
  expect(well.code).toBe(0);
  const env = { NATS_SERVER_BIN: '/nonexistent', LOG_LEVEL: 'of another program' };
  const ill = await here.run(['doctor', '--json', '--data', 'other'], env);
  expect(ill.code).toBe(3);
  const [report] = jsonLines(ill);
  expect(report).toMatchObject({ ok: false });
  expect(report?.findings).toContainEqual(
    expect.objectContaining({ about: 'nats-server', level: 'missing' }),
  );
  expect(report?.findings).toContainEqual(expect.objectContaining({ about: 'messages', level: 'warning' }));
  expect(report?.findings).toContainEqual(
    expect.objectContaining({ found: 'none; "setlist up --data other" starts one' }),
  );
});

test('doctor says what else it finds where the data folder can’t be read', async () => {
  await using here = await place();
  await here.write('.setlist/system.json/README', 'a folder where a file is to be');
  using _lock = await takeLock(join(here.path, '.setlist'), { command: 'setlist up' });
  const ended = await here.run(['doctor', '--json']);
  expect(ended.code).toBe(3);
  const [report, ...more] = jsonLines(ended);
  expect(more).toEqual([]);
  expect(report?.findings).toContainEqual({
    about: 'running system',
    level: 'missing',
    found: expect.stringContaining('EISDIR'),
    remedy: expect.stringContaining('--data'),
  });
  expect(report?.findings).toContainEqual(expect.objectContaining({ about: 'messages' }));
});

test('status lists messages that could not be delivered, with masked recipients and what to do', async () => {
  await using here = await place();
  await here.write('tour.yml', setOf('tour', 1));
  const env = { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_TO: 'somebody@example.com', RETRY_FOR: '1s' };
  await using system = await here.start(['up'], env);
  await system.waitForLine(/drop set files/);
  expect((await here.run(['submit', 'tour.yml', '--wait'])).code).toBe(0);
  await system.waitForLine(/could not be sent by mail/);
  const [asJson] = jsonLines(await here.run(['status', 'tour', '--json']));
  expect(asJson).toMatchObject({
    state: 'completed',
    failedNotices: [
      {
        channel: 'mail',
        recipient: expect.not.stringContaining('somebody'),
        about: 'SetCompleted',
        tries: expect.any(Number),
        message: expect.stringMatching(/^Given up after 1 s\./),
        remedy: expect.stringContaining('SMTP_URL'),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
    ],
  });
  await system.term('SIGTERM');
  const { stdout } = await here.run(['status', 'tour']);
  expect(stdout).toMatch(/^ {2}SetCompleted could not be sent to \S+ by mail( after \d+ tries)?: Given up/m);
  expect(stdout).toMatch(/^ {6}.*SMTP_URL/m);
});

test('status of a folder without sets says how to make one', async () => {
  await using here = await place();
  const ended = await here.run(['status']);
  expect(ended.code).toBe(0);
  expect(ended.lines.join('\n')).toContain('setlist run FILE');
  expect((await here.run(['status', 'nothing'])).code).toBe(3);
  expect((await here.run(['no-such-command'])).code).toBe(2);
});

test('every command refuses what can not be a data folder', async () => {
  await using here = await place();
  await here.write('file', '');
  for (const [data, reason] of [
    ['file', 'is a file'],
    ['s3://bucket/x', 'is not a folder on this machine'],
  ] as const) {
    const ended = await here.run(['status', '--data', data]);
    expect(ended.code).toBe(2);
    expect(ended.lines.join('\n')).toContain(reason);
  }
  expect(existsSync(join(here.path, 's3:'))).toBe(false);
});

test('refuses options that would have no effect together', async () => {
  await using here = await place();
  const head = 'f'.repeat(64);
  for (const [args, reason] of [
    [['audit', 'verify', '--set', 'a'], 'there is no --head'],
    [['audit', 'verify', '--archive', 'a.tar.gz', '--deep'], "cannot be used with option '--deep'"],
    [['audit', 'verify', '--archive', 'a.tar.gz', '--repair'], "cannot be used with option '--repair'"],
    [['audit', 'verify', '--archive', 'a.tar.gz', '--set', 'a'], "cannot be used with option '--set <set>'"],
    [
      ['audit', 'verify', '--set', 'a', '--head', head, '--no-audio'],
      "cannot be used with option '--no-audio'",
    ],
    [['replay', 'a', '--set', 'b'], 'the set is named twice'],
    [['pause', 'a', '--why', ' '], 'Write 1 to 1000 characters.'],
    [['pause', 'a', '--as', 'x'.repeat(201)], 'Write 1 to 200 characters.'],
    [['status', 'a', '--watch', '--failed'], "cannot be used with option '--failed'"],
    [['gc', '--yes'], 'there is no --delete'],
    [['up', '--no-console', '--console-port', '0'], "cannot be used with option '--no-console'"],
  ] as const) {
    const ended = await here.run(args);
    expect([ended.code, ended.lines.join('\n')], args.join(' ')).toEqual([
      2,
      expect.stringContaining(reason),
    ]);
  }
});

test('commands that only look wait for each other', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  expect((await here.run(['run', 'a.yml'])).code).toBe(0);
  const ended = await Promise.all([1, 2, 3].map(() => here.run(['status', 'a'], {})));
  expect(ended.map(({ code, lines }) => (code === 0 ? [] : lines))).toEqual([[], [], []]);
  const following = await here.run(['replay', '--follow']);
  expect(following.code, 'nothing ever happens where no system runs').toBe(3);
  expect(following.lines.join('\n')).toContain('no system runs on');
});
