/** Mistakes on the command line: each is refused with exit code 2, names the option, and starts nothing. */
import { readdir } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { place, setOf } from './cli.ts';

test.each([
  ['--quotas', 'run', 'a.yml', '--quotas', 'foo=1'],
  ['poll=20/20,', 'up', '--quotas', 'poll=20/20/5'],
  ['--out', 'run', 'a.yml', '--out', 's3://'],
  ['--out', 'run', 'a.yml', '--out', 'http://x'],
  ['--outbox', 'up', '--outbox', 's3://'],
  ['--inbox', 'up', '--inbox', 'http://x'],
  ['--server', 'submit', 'a.yml', '--server', 'nats://127.0.0.1:1'],
  ['--inbox names a bucket', 'submit', 'a.yml', '--inbox', 's3://my-sets/in'],
  ['--archive', 'audit', 'verify', '--archive', 'nope'],
  ['--data', 'run', 'a.yml', '--data', ''],
  ['--out', 'run', 'a.yml', '--out', ''],
  ['--out', 'replay', '--out', ' '],
  ['--out', 'replay', '--out', 's3://mine/log.ndjson'],
  ['--out', 'audit', 'export', 'a', '--out', 's3://mine/a.tar.gz'],
  ['--to', 'audit', 'archive', '--before', '2100-01-01', '--to', 's3://mine/archives'],
  ['s3://mine/backup', 'audit', 'backup', 's3://mine/backup'],
  ['not on a disk', 'audit', 'restore', 's3://mine/backup', '--data', 'restored'],
  ['--server', 'status', '--server', ''],
])('%s of "%s %s …" is refused', async (option, ...args) => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const ended = await here.run(args);
  expect(ended.code).toBe(2);
  expect(ended.lines.join('\n')).toContain(option);
  expect(ended.lines.join('\n')).not.toContain('lists all of them');
  expect(await readdir(here.path)).toEqual(['a.yml']);
});

test('a wrong environment setting is reported before anything starts, with the page that lists all of them', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const ended = await here.run(['run', 'a.yml'], { STALL_AFTER: 'soon' });
  expect(ended.code).toBe(3);
  expect(ended.lines.join('\n')).toMatch(/STALL_AFTER[\s\S]*docs\/settings\.md lists all of them/);
  expect(await readdir(here.path)).toEqual(['a.yml']);
});

test('the settings of a service that is a process of its own do not count, whatever they hold', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of ['HTTP_HOST', 'HTTP_PORT', 'DRAIN_TIMEOUT', 'LOG_LEVEL', 'LOG_FORMAT'])
    vi.stubEnv(name, 'for another program');
  expect((await here.run(['run', 'a.yml', '--no-console'])).code).toBe(0);
  const cancelled = await here.run(['cancel', 'a']);
  expect([cancelled.code, cancelled.lines.join('\n')]).toEqual([
    2,
    expect.stringContaining('The set is completed'),
  ]);
});

test('"help COMMAND" works like "COMMAND --help", and every command says what it does', async () => {
  await using here = await place();
  const help = await here.run(['help', 'run']);
  expect(help.code).toBe(0);
  expect(help.stdout).toBe((await here.run(['run', '--help'])).stdout);
  expect(help.stdout).toContain('Makes the audio of set files');
  expect((await here.run(['help'])).stdout).toContain('Commands:');
  const below = await here.run(['help', 'audit', 'verify']);
  expect(below.code).toBe(0);
  expect(below.stdout).toBe((await here.run(['audit', 'verify', '--help'])).stdout);
  expect((await here.run(['help', 'nope'])).code).toBe(2);
  expect((await here.run(['help', 'audit', 'nope'])).code).toBe(2);
  for (const command of [['voices'], ['doctor'], ['audit', 'restore']]) {
    const { stdout } = await here.run([...command, '--help']);
    expect(stdout).toMatch(/^Usage: .*\n\n[A-Z][\s\S]*\.\n/);
  }
});

test('help mentions the variable STORE only for commands that read it', async () => {
  await using here = await place();
  const helpOf = async (...command: string[]) => (await here.run([...command, '--help'])).stdout;
  for (const command of ['plan', 'adopt', 'gc']) expect(await helpOf(command)).not.toMatch(/\bSTORE\b/);
  for (const command of ['verify', 'export']) expect(await helpOf('audit', command)).toMatch(/\bSTORE\b/);
});

test('refuses a backup into a folder that is not empty', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  expect((await here.run(['run', 'a.yml', '--no-console'])).code).toBe(0);
  const ended = await here.run(['audit', 'backup', 'out']);
  expect(ended.code).toBe(2);
  expect(ended.lines.join('\n')).toContain('is not empty');
});
