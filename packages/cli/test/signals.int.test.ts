/** Ctrl-C, and readers that go: every command ends when it is told to, and what it has started ends with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { childStarted, eventually, freeze, processStarted, type TestProcess } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { MAIN, type Place, place, processesWith, setOf } from './cli.ts';

async function toured(): Promise<Place> {
  const here = await place();
  await here.write('tour.yml', setOf('tour', 1));
  expect((await here.run(['run', 'tour.yml', '--no-console'])).code).toBe(0);
  return here;
}

describe('a broker that does not answer', () => {
  test.each([
    ['status'],
    ['plan', 'a.yml'],
    ['replay'],
    ['gc', '--store', 'store'],
    ['pause', 'a'],
    ['audit', 'verify'],
  ])('keeps nobody from stopping %s by Ctrl-C', async (...args) => {
    await using here = await place();
    await here.write('a.yml', setOf('a', 1));
    await using silent = createServer((socket) => socket.on('error', () => undefined));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const called = once(silent, 'connection');
    await using command = await here.start([...args, '--server', `nats://127.0.0.1:${port}`]);
    const [socket] = await called;
    expect((await command.term('SIGINT')).code).toBe(130);
    socket.destroy();
  });

  test.concurrent.each([['status'], ['pause', 'a'], ['audit', 'backup', 'copy']])(
    'is reported to whoever ran %s, without the password',
    async (...args) => {
      await using here = await place();
      const ended = await here.run([...args, '--server', 'nats://bob:s3cret@127.0.0.1:1']);
      expect(ended.code).toBe(3);
      const said = ended.lines.join('\n');
      expect(said).toContain('set --server to where it listens');
      expect(said).not.toMatch(/NATS_URL|s3cret/);
    },
  );
});

test.each([
  ['gc', '--store', 's3://audio'],
  ['plan', 'tour.yml', '--store', 's3://audio'],
  ['adopt', 's3://audio', 'tour.yml', '--provider', 'local', '--yes'],
])('a store that does not answer keeps nobody from stopping %s by Ctrl-C', async (...args) => {
  await using here = await toured();
  await using silent = createServer((socket) => socket.on('error', () => undefined).resume());
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const called = once(silent, 'connection');
  const keys = { AWS_ACCESS_KEY_ID: 'dummy', AWS_SECRET_ACCESS_KEY: 'dummy', AWS_REGION: 'eu-central-1' };
  await using command = await here.start(args, { ...keys, S3_ENDPOINT: `http://127.0.0.1:${port}` });
  await called;
  expect((await command.term('SIGINT')).code).toBe(130);
});

/** Ends a command as soon as its broker runs, which stands still meanwhile: the command could be done by then. */
async function endedAtWork(command: TestProcess, brokerFolder: string, signal: 'SIGINT' | 'SIGKILL') {
  const brokers = await eventually(() => {
    const pids = processesWith(brokerFolder);
    pids.forEach(freeze);
    return pids.length > 0 && pids;
  });
  const ended = command.term(signal);
  for (const pid of brokers) process.kill(pid, 'SIGCONT');
  return ended;
}

test.each([
  ['verify'],
  ['as-of', '2100-01-01'],
  ['export', 'tour'],
  ['backup', 'copy'],
  ['archive', '--before', '2100-01-01', '--to', 'archives'],
])('Ctrl-C on audit %s leaves no broker behind', async (...args) => {
  await using here = await toured();
  await using command = await here.start(['audit', ...args]);
  expect((await endedAtWork(command, `${here.path}/.setlist`, 'SIGINT')).code).toBe(130);
  await eventually(() => processesWith(here.path).length === 0);
  expect((await here.run(['status'])).code, 'whoever comes next').toBe(0);
});

test.each(['SIGKILL', 'SIGINT'] as const)(
  'of a restore that %s ends nothing is taken for a log',
  async (signal) => {
    await using here = await toured();
    expect((await here.run(['audit', 'backup', 'copy'])).code).toBe(0);
    const restore = ['audit', 'restore', 'copy', '--data', 'restored'];
    await using command = await here.start(restore);
    await endedAtWork(command, `${here.path}/restored`, signal);
    expect(existsSync(join(here.path, 'restored/broker'))).toBe(false);
    expect((await here.run(restore)).code).toBe(0);
    expect(processesWith(here.path)).toEqual([]);
    const verify = ['audit', 'verify', '--data', 'restored', '--store', '.setlist/store'];
    expect((await here.run(verify)).stdout).toContain('Nothing is wrong.');
  },
);

test('what an archive that was killed has left in the data folder goes with the next', async () => {
  await using here = await toured();
  const left = await here.write('.setlist/archive.unfinished/backup/log', 'a copy of the log');
  const ended = await here.run(['audit', 'archive', '--before', '2100-01-01', '--to', 'archives']);
  expect(ended.code).toBe(0);
  expect(existsSync(join(left, '../..'))).toBe(false);
});

/** Starts `npm run setlist` in a clone in which nothing has to be installed, with the scripts of this one. */
async function npmRunSetlist(here: Place, args: readonly string[]) {
  const root = join(MAIN, '../../../..');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: unknown };
  await here.write('package.json', JSON.stringify({ scripts }));
  await here.write(join('scripts', 'setup.mjs'), '');
  mkdirSync(join(here.path, 'node_modules/.bin'), { recursive: true });
  symlinkSync(process.execPath, join(here.path, 'node_modules/.bin/node'));
  symlinkSync(join(root, 'packages'), join(here.path, 'packages'));
  const env = { ...process.env, ENGINE: 'instant', npm_config_update_notifier: 'false' };
  // In a process group of its own, to end all of it whatever becomes of npm.
  const npm = spawn('npm', ['run', '--silent', 'setlist', '--', ...args], {
    cwd: here.path,
    env,
    detached: true,
    stdio: 'ignore',
  });
  await once(npm, 'spawn');
  const ended = once(npm, 'close');
  if (npm.pid !== undefined) processStarted({ name: 'npm', pid: -npm.pid, exited: ended });
  return Object.assign(npm, { ended, [Symbol.dispose]: () => killGroup(npm) });
}

/** Ends what is left of the group that a process was started as. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

test('SIGTERM to npm, in a clone, has up stop in order', async () => {
  await using here = await place();
  const data = join(here.path, '.setlist');
  const note = join(data, 'system.json');
  using npm = await npmRunSetlist(here, ['up', '--no-console']);
  await eventually(() => existsSync(note));
  const { by } = JSON.parse(readFileSync(note, 'utf8')) as { by: { pid: number } };
  npm.kill();
  await npm.ended;
  await eventually(() => !existsSync(`/proc/${by.pid}`));
  expect(readdirSync(data).filter((name) => /^(lock\.|system\.json)/.test(name))).toEqual([]);
  expect(processesWith(here.path)).toEqual([]);
});

describe('a reader that goes', () => {
  const start = (here: Place, args: readonly string[]) => {
    const env = { ...process.env, ENGINE: 'instant', NO_COLOR: '1' };
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: here.path, env });
    return Object.assign(childStarted('setlist', child), {
      ended: once(child, 'close'),
      [Symbol.dispose]: () => child.kill('SIGKILL'),
    });
  };

  test('ends a command that only looks, as the shell expects it', async () => {
    await using here = await place();
    using command = start(here, ['voices']);
    command.stdout.destroy();
    expect((await command.ended)[0]).toBe(141);
  });

  test('has up stop in order', async () => {
    await using here = await place();
    using command = start(here, ['up', '--no-console']);
    const said = text(command.stderr);
    await once(command.stdout, 'data');
    command.stdout.destroy();
    await here.write('inbox/a.yml', setOf('a', 1));
    expect((await command.ended)[0]).toBe(141);
    expect(await said).toContain('Stopping: nothing new begins');
    expect(processesWith(here.path)).toEqual([]);
    expect(existsSync(join(here.path, '.setlist/system.json')), 'the note of a running system').toBe(false);
  });

  test('has up stop in order also where it is a terminal that is closed', async () => {
    await using here = await place();
    const note = join(here.path, '.setlist/system.json');
    const command = `exec '${process.execPath}' '${MAIN}' up --no-console`;
    const env = { ...process.env, ENGINE: 'instant' };
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: here.path,
      env,
      stdio: 'ignore',
    });
    const closed = once(childStarted('a terminal', terminal), 'close');
    await eventually(() => existsSync(note));
    const { by } = JSON.parse(readFileSync(note, 'utf8')) as { by: { pid: number } };
    terminal.kill('SIGKILL');
    await closed;
    await eventually(() => !existsSync(`/proc/${by.pid}`));
    expect(existsSync(note), 'the note of a running system').toBe(false);
    await eventually(() => processesWith(here.path).length === 0);
  });

  test.each([['voices'], ['up', '--no-console']])(
    'and a full disk are told apart by %s, which says so in a line and ends with 3',
    async (...args) => {
      await using here = await place();
      const full = openSync('/dev/full', 'w');
      const env = { ...process.env, ENGINE: 'instant', NO_COLOR: '1' };
      const command = spawn(process.execPath, [MAIN, ...args], {
        cwd: here.path,
        env,
        stdio: ['ignore', full, 'pipe'],
      });
      childStarted('setlist', command);
      closeSync(full);
      const [said, [code]] = await Promise.all([text(command.stderr as Readable), once(command, 'close')]);
      expect(code).toBe(3);
      expect(said).toMatch(/^error: standard output can't be written to \(ENOSPC: .+\)$/m);
      expect(said).not.toContain('    at ');
      expect(existsSync(join(here.path, '.setlist/system.json')), 'the note of a running system').toBe(false);
    },
  );
});
