import { linkSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder, takeLock } from './lock.ts';
import { identityOf } from './process-identity.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setlist-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const leave = (name: string, content: string) => writeFileSync(join(folder, name), content);
const dead = JSON.stringify({ pid: 2 ** 22 + 1, started: '', command: 'setlist up' });

test('is held by one process at a time, and is free again when released', async () => {
  {
    using _lock = await takeLock(folder, { command: 'setlist run' });
    expect(lockHolder(folder)).toMatchObject({ pid: process.pid, command: 'setlist run' });
    await expect(takeLock(folder, { command: 'setlist up' })).rejects.toMatchObject({
      message: `${folder} is in use by "setlist run" (process ${process.pid})`,
      // In another folder, with a log of its own, everything would be paid for again.
      remedy: expect.stringMatching(/^(?!.*--data).*"setlist submit" with the same data folder/),
    });
  }
  expect(readdirSync(folder)).toEqual([]);
  using _again = await takeLock(folder, { command: 'setlist up' });
});

test("takes over a dead process's lock, and removes it", async () => {
  leave('lock.7', dead);
  expect(lockHolder(folder)).toBeUndefined();
  using _lock = await takeLock(folder, { command: 'setlist run' });
  expect(readdirSync(folder)).toEqual(['lock.8']);
});

test('another process with the same id does not hold it', async () => {
  leave('lock.1', JSON.stringify({ pid: process.pid, started: 'another boot:1', command: 'setlist up' }));
  using _lock = await takeLock(folder, { command: 'setlist run' });
  expect(lockHolder(folder)).toMatchObject({ command: 'setlist run' });
});

test('a lock file truncated by a crash is ignored', async () => {
  leave('lock.3', '{"pid":');
  using _lock = await takeLock(folder, { command: 'setlist run' });
  expect(readdirSync(folder)).toEqual(['lock.4']);
});

test('a live holder under a higher number wins over a dead one below it', async () => {
  using _lock = await takeLock(folder, { command: 'setlist run' });
  leave('lock.0', dead);
  await expect(takeLock(folder, { command: 'setlist up' })).rejects.toThrow(/in use/);
});

test('is not taken from a process that was faster, even under the number of the lock that both waited for', async () => {
  const released = await takeLock(folder, { command: 'setlist status', looks: true });
  const faster = JSON.stringify({ ...identityOf(process.pid), command: 'setlist run' });
  const late = takeLock(folder, {
    command: 'setlist up',
    link: (from, to) => {
      if (to.endsWith('lock.2')) leave('lock.1', faster);
      linkSync(from, to);
    },
  });
  released[Symbol.dispose]();
  await expect(late).rejects.toThrow(/in use by "setlist run"/);
  expect(readdirSync(folder)).toEqual(['lock.1']);
});

const elsewhere = JSON.stringify({
  pid: process.pid,
  started: 'another boot:1',
  space: { host: 'box', boot: 'another boot', ids: 'pid:[1]' },
  command: 'setlist up',
});

test('a holder in another container or on another machine holds it as long as it touches its lock', async () => {
  leave('lock.1', elsewhere);
  const touching = setInterval(() => utimesSync(join(folder, 'lock.1'), new Date(), new Date()), 100);
  await expect(takeLock(folder, { command: 'setlist status' })).rejects.toMatchObject({
    message: expect.stringContaining(`(process ${process.pid} of box)`),
    remedy: expect.stringContaining(`remove ${join(folder, 'lock.1')}`),
  });
  clearInterval(touching);
  using _lock = await takeLock(folder, { command: 'setlist run', silentForMs: 300 });
  expect(readdirSync(folder)).toEqual(['lock.2']);
});

test('says once, after a moment, what it waits for', async () => {
  const told: string[] = [];
  leave('lock.1', elsewhere);
  using _lock = await takeLock(folder, {
    command: 'setlist run',
    tell: (line) => {
      told.push(line);
      setTimeout(() => rmSync(join(folder, 'lock.1'), { force: true }), 500);
    },
  });
  expect(told).toEqual([
    `Waiting for "setlist up" (process ${process.pid} of box), which is using the data folder; Ctrl-C stops waiting.`,
  ]);
});

test('the holder touches its lock, and learns that it was taken over', async () => {
  using lock = await takeLock(folder, { command: 'setlist up' });
  const path = join(folder, 'lock.1');
  const { mtimeMs } = statSync(path);
  await eventually(() => expect(statSync(path).mtimeMs).toBeGreaterThan(mtimeMs));
  rmSync(path);
  await eventually(() => expect(lock.lost.reason).toMatchObject({ message: `${path} is gone` }));
});

test('a holder that was suspended for long sees at once that it was taken over, and leaves the new lock alone', async () => {
  {
    using lock = await takeLock(folder, { command: 'setlist audit archive' });
    lock.look();
    expect(lock.lost.aborted).toBe(false);
    leave('lock.1', elsewhere);
    lock.look();
    expect(() => lock.lost.throwIfAborted()).toThrow('is gone');
  }
  expect(readdirSync(folder)).toEqual(['lock.1']);
});

test.each(['EPERM', 'ENOTSUP', 'ENOSYS'])(
  'a file system that answers %s to a link is reported as unable to hold a lock, and nothing is left on it',
  async (code) => {
    const link = () => {
      throw Object.assign(new Error(`${code}: as Node says it`), { code });
    };
    await expect(takeLock(folder, { command: 'setlist run', link })).rejects.toMatchObject({
      message: `${folder} can’t hold a lock: its file system has no hard links`,
      remedy: 'Name a folder on another disk with --data.',
    });
    expect(readdirSync(folder)).toEqual([]);
  },
);
