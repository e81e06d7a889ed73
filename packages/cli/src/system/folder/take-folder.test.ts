import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataFolder } from './data-folder.ts';
import { hasLog, nextLog, takeFolder } from './take-folder.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'data-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

function log(folder: string, content: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'events'), content);
}

test('taking the folder moves a new log to its place if an interrupted swap left it beside', async () => {
  const data = dataFolder(path, '/');
  log(nextLog(data), 'the new one');
  expect(hasLog(data)).toBe(true);
  using _ = await takeFolder(data, { command: 'setlist status' });
  expect(readFileSync(join(data.broker, 'events'), 'utf8')).toBe('the new one');
  expect(existsSync(nextLog(data))).toBe(false);
});

test('a new log is discarded if the swap was interrupted before the old log was moved away', async () => {
  const data = dataFolder(path, '/');
  log(data.broker, 'the old one');
  log(nextLog(data), 'the new one');
  using _ = await takeFolder(data, { command: 'setlist status' });
  expect(readFileSync(join(data.broker, 'events'), 'utf8')).toBe('the old one');
  expect(existsSync(nextLog(data))).toBe(false);
});

test('an empty folder has no log', () => {
  expect(hasLog(dataFolder(path, '/'))).toBe(false);
});
