/** Waiting for a broker that takes long to start, as one does that reads a large log after a crash. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findNatsServer, startBroker } from '../src/index.ts';
import { inspect } from '../src/running-process.ts';

const HOUR_MS = 3_600_000;
const POLL = { timeout: 30_000 };

let storeDir: string;
beforeEach(() => {
  storeDir = mkdtempSync(join(tmpdir(), 'broker-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(storeDir, { recursive: true, force: true });
});

/** A stand-in for nats-server that first does this work; `begun` gives its process id once it does. */
async function serverAfter(work: string) {
  const { path } = await findNatsServer();
  const binary = join(storeDir, 'slow');
  const pidFile = join(storeDir, 'pid');
  const lines = ['#!/bin/sh', `echo $$ > '${pidFile}'`, work, `exec '${path}' "$@"`, ''];
  writeFileSync(binary, lines.join('\n'), { mode: 0o755 });
  const written = () => (existsSync(pidFile) ? readFileSync(pidFile, 'utf8') : '');
  const begun = async (): Promise<number> => {
    await expect.poll(written, POLL).toMatch(/\d\n/);
    return Number(written());
  };
  return { binary, begun };
}

test('waits for a broker for as long as it works, and says why', async () => {
  const read = join(storeDir, 'read');
  const { binary, begun } = await serverAfter(`while [ ! -e '${read}' ]; do kill -0 $PPID || exit; done`);
  const told: string[] = [];
  const starting = startBroker({ storeDir, binary, tell: (sentence) => told.push(sentence) });
  const pid = await begun();
  const before = inspect(pid)?.used;
  await expect.poll(() => inspect(pid)?.used, POLL).not.toBe(before);
  vi.advanceTimersByTime(HOUR_MS);
  expect(told).toEqual([expect.stringMatching(/^The broker is reading its log/)]);
  writeFileSync(read, '');
  await using broker = await starting;
  expect(broker.pid).toBe(pid);
});

test('does not wait for a broker that does nothing', async () => {
  const { binary, begun } = await serverAfter('exec sleep 600');
  const starting = startBroker({ storeDir, binary });
  const failed = vi.fn();
  starting.catch(failed);
  const pid = await begun();
  const anHourLater = () => vi.advanceTimersByTime(HOUR_MS) && failed.mock.calls.length;
  await expect.poll(anHourLater, POLL).toBe(1);
  await expect(starting).rejects.toThrow('was not ready and did nothing for 30 s');
  expect(inspect(pid)).toBeUndefined();
});

test('can be stopped while it waits, and leaves nothing running', async () => {
  const { binary, begun } = await serverAfter('while kill -0 $PPID; do :; done; exit');
  const stop = new AbortController();
  const starting = startBroker({ storeDir, binary, signal: stop.signal });
  const pid = await begun();
  stop.abort(new Error('Ctrl-C'));
  await expect(starting).rejects.toThrow('Ctrl-C');
  expect(inspect(pid)).toBeUndefined();
});
