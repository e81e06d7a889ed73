import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder, takeLock } from './lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setlist-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const leave = (name: string, content: string) => writeFileSync(join(folder, name), content);
const dead = JSON.stringify({ pid: 2 ** 22 + 1, started: '', command: 'setlist up' });

test('is held by one at a time, and free again when given back', () => {
  {
    using _lock = takeLock(folder, 'setlist run');
    expect(lockHolder(folder)).toMatchObject({ pid: process.pid, command: 'setlist run' });
    expect(() => takeLock(folder, 'setlist up')).toThrow(
      `${folder} is in use by "setlist run" (process ${process.pid})`,
    );
  }
  expect(readdirSync(folder)).toEqual([]);
  using _again = takeLock(folder, 'setlist up');
});

test("takes a dead process's lock over, and leaves nothing of it", () => {
  leave('lock.7', dead);
  expect(lockHolder(folder)).toBeUndefined();
  using _lock = takeLock(folder, 'setlist run');
  expect(readdirSync(folder)).toEqual(['lock.8']);
});

test('a process that merely has the same id does not hold it', () => {
  leave('lock.1', JSON.stringify({ pid: process.pid, started: 'another boot:1', command: 'setlist up' }));
  using _lock = takeLock(folder, 'setlist run');
  expect(lockHolder(folder)).toMatchObject({ command: 'setlist run' });
});

test('a lock file cut short by a crash counts for nothing', () => {
  leave('lock.3', '{"pid":');
  using _lock = takeLock(folder, 'setlist run');
  expect(readdirSync(folder)).toEqual(['lock.4']);
});

test('a live holder under a higher number wins over a dead one below it', () => {
  using _lock = takeLock(folder, 'setlist run');
  leave('lock.0', dead);
  expect(() => takeLock(folder, 'setlist up')).toThrow(/in use/);
});
