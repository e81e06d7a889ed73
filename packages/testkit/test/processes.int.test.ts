/** The helpers that start and kill real processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { childStarted, endLeakedProcesses, startNats, startProcess, temporaryFolder } from '../src/index.ts';

/** A TypeScript entry that prints that it is up, and its arguments; on SIGTERM it exits with code 7. */
const ENTRY = `
  const greeting: string = process.env.GREETING ?? 'nothing';
  process.once('SIGTERM', () => process.exit(7));
  setInterval(() => {}, 1000);
  console.error('on standard error');
  console.log(greeting + ' ' + process.argv.slice(2).join(','));`;

async function entryIn(folder: string, source = ENTRY): Promise<string> {
  const entry = join(folder, 'entry.ts');
  await writeFile(entry, source);
  return entry;
}

function reachable(url: string): Promise<boolean> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('data', () => socket.destroy());
  });
}

describe('startProcess', () => {
  test('runs TypeScript with the given environment and arguments, and finds lines already written', async () => {
    await using folder = await temporaryFolder();
    const entry = await entryIn(folder.path);
    await using child = await startProcess({
      name: 'entry',
      entry,
      env: { GREETING: 'hello' },
      args: ['a', 'b'],
    });
    expect(await child.waitForLine(/^hello/)).toBe('hello a,b');
    expect(await child.waitForLine(/^hello/)).toBe('hello a,b');
    expect(await child.waitForLine(/standard error/)).toBe('on standard error');
    expect(child.stdout()).toBe('hello a,b\n');
  });

  test('stops it cleanly, or kills it', async () => {
    await using folder = await temporaryFolder();
    const entry = await entryIn(folder.path);
    await using first = await startProcess({ name: 'first', entry });
    await using second = await startProcess({ name: 'second', entry });
    await Promise.all([first.waitForLine(/nothing/), second.waitForLine(/nothing/)]);
    expect(await first.term()).toEqual({ code: 7, signal: null });
    await second.kill9();
    expect(await second.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('fails with the last lines when the awaited line can no longer come', async () => {
    await using folder = await temporaryFolder();
    const entry = await entryIn(folder.path, `console.log('all there is'); process.exitCode = 3;`);
    await using child = await startProcess({ name: 'short', entry });
    await expect(child.waitForLine(/never/)).rejects.toThrow(/short: .*exit code 3[\s\S]*all there is/);
  });

  test('a process left running is found, named and ended', async () => {
    await using folder = await temporaryFolder();
    await using child = await startProcess({ name: 'forgotten', entry: await entryIn(folder.path) });
    expect(await endLeakedProcesses()).toEqual([`forgotten (process ${child.pid})`]);
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(await endLeakedProcesses()).toEqual([]);
  });

  test('so is one that a test spawned itself, but not one that has ended', async () => {
    const spawned = (code: string) => childStarted('spawned', spawn(process.execPath, ['-e', code]));
    const [ended, forgotten] = [spawned(''), spawned('setInterval(() => {}, 1000)')];
    await once(ended, 'close');
    const closed = once(forgotten, 'close');
    expect(await endLeakedProcesses()).toEqual([`spawned (process ${forgotten.pid})`]);
    expect(await closed).toEqual([null, 'SIGKILL']);
  });
});

describe('startNats', () => {
  test('comes back on the same address and store after a kill', async () => {
    await using nats = await startNats();
    expect(await reachable(nats.url)).toBe(true);
    await nats.kill9();
    expect(await reachable(nats.url)).toBe(false);
    const { url } = nats;
    await nats.restart();
    expect(nats.url).toBe(url);
    expect(await reachable(url)).toBe(true);
  });

  test('leaves neither server nor store behind', async () => {
    let url: string;
    let storeDir: string;
    {
      await using nats = await startNats();
      ({ url, storeDir } = nats);
    }
    expect(await reachable(url)).toBe(false);
    expect(existsSync(storeDir)).toBe(false);
  });
});
