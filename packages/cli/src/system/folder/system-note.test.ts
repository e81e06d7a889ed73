import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dataFolder } from './data-folder.ts';
import { takeLock } from './lock.ts';
import { identityOf } from './process-identity.ts';
import { runningSystem, type SystemNote, systemOf, writeNote } from './system-note.ts';

const NOTE: SystemNote = {
  broker: 'nats://t0ken@127.0.0.1:4222',
  inbox: '/in',
  provider: 'local',
  compat: false,
  hasTaskBucket: true,
  channels: [],
  stays: true,
};

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'data-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return dataFolder(path, '/');
}

test('finds a system by the note of the process that holds the folder', async () => {
  const data = folder();
  using _lock = await takeLock(data.path, { command: 'setlist up' });
  using _note = writeNote(data, NOTE);
  expect(runningSystem(data)).toMatchObject({ ...NOTE, holder: { pid: process.pid, command: 'setlist up' } });
});

test('only the system’s user can read the note, since it contains the broker’s token', () => {
  const data = folder();
  writeFileSync(data.note, '{}', { mode: 0o644 });
  using _note = writeNote(data, NOTE);
  expect(statSync(data.note).mode & 0o777).toBe(0o600);
});

test('also finds a system of an earlier version, whose broker asks for no token', async () => {
  const data = folder();
  using _lock = await takeLock(data.path, { command: 'setlist up' });
  const note = { ...NOTE, broker: 'nats://127.0.0.1:4222', by: identityOf(process.pid) };
  writeFileSync(data.note, JSON.stringify(note), { mode: 0o644 });
  expect(runningSystem(data)?.broker).toBe('nats://127.0.0.1:4222');
});

test('ignores a leftover note, whichever process holds the folder now', async () => {
  const data = folder();
  {
    using _lock = await takeLock(data.path, { command: 'setlist up' });
    writeNote(data, NOTE);
    const note = JSON.parse(readFileSync(data.note, 'utf8')) as object;
    writeFileSync(
      data.note,
      JSON.stringify({ ...note, by: { pid: process.pid, started: 'another boot:1' } }),
    );
    expect(runningSystem(data)).toBeUndefined();
  }
  expect(runningSystem(data)).toBeUndefined();
});

test('a system that ends leaves the note of one that has taken over the folder', () => {
  const data = folder();
  const replaced = writeNote(data, NOTE);
  const taken = JSON.stringify({ ...NOTE, by: { pid: process.pid, started: 'another boot:1' } });
  writeFileSync(data.note, taken);
  replaced[Symbol.dispose]();
  expect(readFileSync(data.note, 'utf8')).toBe(taken);
  writeNote(data, NOTE)[Symbol.dispose]();
  expect(existsSync(data.note)).toBe(false);
});

test('waits for a system that is just starting, but for no other holder of the folder', async () => {
  const data = folder();
  {
    using _lock = await takeLock(data.path, { command: 'setlist audit archive' });
    expect(await systemOf(data)).toBeUndefined();
  }
  using _lock = await takeLock(data.path, { command: 'setlist up' });
  const found = systemOf(data);
  using _note = writeNote(data, NOTE);
  expect(await found).toMatchObject({ broker: NOTE.broker, holder: { command: 'setlist up' } });
  const stopping = new AbortController();
  rmSync(data.note);
  const stopped = systemOf(data, stopping.signal);
  stopping.abort(new Error('Ctrl-C'));
  await expect(stopped).rejects.toThrow('Ctrl-C');
});
