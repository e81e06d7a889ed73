import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openServiceLog, worthTelling } from './service-log.ts';

const line = (fields: object) => JSON.stringify({ level: 'warn', service: 'dispatcher', ...fields });

test('passes on warnings with their cause and remedy', () => {
  const err = { message: 'ENOSPC', remedy: 'Make room on the disk.' };
  expect(worthTelling(line({ msg: 'the store does not take audio', err }))).toBe(
    'the store does not take audio: ENOSPC (Make room on the disk.)',
  );
});

test('passes on why items fail, with the remedy, for the first of the sets that fail for one reason', () => {
  const first = { event: 'item-failed', index: 3, code: 'ExpiredTokenException', remedy: 'Renew it.' };
  const said: string[] = [];
  using log = openServiceLog(temporary(), (sentence) => said.push(sentence));
  for (const set of ['a', 'b']) log.logger('dispatcher').warn({ ...first, set }, 'an item failed');
  expect(said).toEqual(['items fail with ExpiredTokenException, first in a (Renew it.)']);
});

test('passes on nothing that is only for the file, or that is reported with its set', () => {
  expect(worthTelling(line({ level: 'info', msg: 'set opened' }))).toBeUndefined();
  expect(worthTelling(line({ msg: 'a task was refused', index: 3 }))).toBeUndefined();
  expect(worthTelling(line({ msg: 'x.yml is refused', event: 'set-rejected' }))).toBeUndefined();
  expect(worthTelling(line({ msg: 'a has stalled', event: 'SetStalled' }))).toBeUndefined();
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a warning that keeps coming is told once in ten minutes, and one that comes back later is told again', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const said: string[] = [];
  using log = openServiceLog(temporary(), (sentence) => said.push(sentence));
  const logger = log.logger('dispatcher');
  const warnedTwice = (): void => {
    for (const _ of 'ab') logger.warn('the store does not take audio');
  };
  warnedTwice();
  expect(said).toEqual(['the store does not take audio']);
  vi.advanceTimersByTime(600_000);
  warnedTwice();
  expect(said).toHaveLength(2);
});

test('a full disk loses lines of the log, but no service fails', () => {
  const folder = temporary();
  symlinkSync('/dev/full', join(folder, 'setlist.log'));
  const said: string[] = [];
  using log = openServiceLog(folder, (sentence) => said.push(sentence));
  const logger = log.logger('dispatcher');
  logger.warn('the store does not take audio');
  logger.info('another line');
  expect(said).toEqual([expect.stringContaining('ENOSPC'), 'the store does not take audio']);
});
