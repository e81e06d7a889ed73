/** Starting and stopping a real nats-server. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Broker, BrokerNotStarted, findNatsServer, startBroker } from '../src/index.ts';
import { inspectByPs } from '../src/running-process.ts';

let storeDir: string;
beforeEach(() => {
  storeDir = mkdtempSync(join(tmpdir(), 'broker-'));
});
afterEach(() => rmSync(storeDir, { recursive: true, force: true }));

/** The information that the server sends to a client that connects. */
async function info(broker: Pick<Broker, 'port'>): Promise<Record<string, unknown>> {
  const socket = connect(broker.port, '127.0.0.1');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return JSON.parse(chunk.toString().replace(/^INFO /, '')) as Record<string, unknown>;
}

/** A zombie counts as not running. */
function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
}

/** Whether a process can get its own mounts, as in a container: root can, except in most sandboxes. */
const mayMount = (): boolean =>
  spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;

describe('a broker of our own', () => {
  test('listens on the loopback address only, on a free port, with JetStream and the payload limit', async () => {
    await using broker = await startBroker({ storeDir, port: 0 });
    const told = await info(broker);
    expect(told).toMatchObject({
      jetstream: true,
      max_payload: 1024 ** 2,
      server_name: 'setlist',
      host: '127.0.0.1',
    });
    expect(broker.url).toBe(`nats://${broker.token}@127.0.0.1:${broker.port}`);
  });

  test('accepts a store folder with spaces and quotes', async () => {
    const odd = join(storeDir, `it's "odd" $HOME`);
    await using broker = await startBroker({ storeDir: odd, port: 0 });
    expect(await info(broker)).toMatchObject({ jetstream: true });
    expect(existsSync(join(odd, 'jetstream'))).toBe(true);
  });

  test('can run a binary of any name', async () => {
    const binary = join(storeDir, 'nats-2.10-of-ours');
    symlinkSync((await findNatsServer()).path, binary);
    await using broker = await startBroker({ storeDir, port: 0, binary });
    expect(await info(broker)).toMatchObject({ jetstream: true });
  });

  test('is gone after it was stopped, even twice at once', async () => {
    const broker = await startBroker({ storeDir, port: 0 });
    await Promise.all([broker.stop(), broker.stop()]);
    expect(isRunning(broker.pid)).toBe(false);
  });

  test('reports when its process ends unexpectedly', async () => {
    await using broker = await startBroker({ storeDir, port: 0 });
    process.kill(broker.pid, 'SIGKILL');
    expect(await broker.exited).toBe('SIGKILL');
  });
});

describe('what can go wrong', () => {
  test('a port in use is an error with the server’s own message', async () => {
    await using broker = await startBroker({ storeDir, port: 0 });
    const other = join(storeDir, 'other');
    const start = startBroker({ storeDir: other, port: broker.port });
    await expect(start).rejects.toThrow(/address already in use/);
  });

  test('a binary that cannot be run is an error that names it', async () => {
    const start = startBroker({ storeDir, port: 0, binary: join(storeDir, 'absent') });
    await expect(start).rejects.toThrow(/absent.*could not be run/);
  });

  test('a store that a live broker holds is refused', async () => {
    await using broker = await startBroker({ storeDir, port: 0 });
    const second = startBroker({ storeDir, port: 0 });
    await expect(second).rejects.toThrow(BrokerNotStarted);
    expect(await info(broker)).toMatchObject({ jetstream: true });
  });
});

describe('what a killed starter leaves behind', () => {
  /** Makes another process start a broker and then run `after`. */
  function startElsewhere(
    after: string,
    binary?: string,
    within: readonly string[] = [],
  ): ChildProcessByStdio<null, Readable, null> {
    const script = `
      const { startBroker } = await import(${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))});
      const broker = await startBroker(${JSON.stringify({ storeDir, port: 0, binary })});
      console.log(broker.pid);
      ${after}`;
    const [command = '', ...words] = [...within, process.execPath, '--input-type=module', '--eval', script];
    return spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** The broker's process id, once it is up. */
  async function pidFrom(starter: { readonly stdout: Readable }): Promise<number> {
    const [line] = (await once(createInterface({ input: starter.stdout }), 'line')) as [string];
    return Number(line);
  }

  test('a broker ends when its starter exits', async () => {
    const pid = await pidFrom(startElsewhere('setTimeout(() => process.exit(0), 50)'));
    await expect.poll(() => isRunning(pid), { timeout: 60_000 }).toBe(false);
  });

  test('the next start on a store ends a broker whose starter was killed', async () => {
    const starter = startElsewhere('');
    const orphan = await pidFrom(starter);
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    expect(isRunning(orphan)).toBe(true);
    await using broker = await startBroker({ storeDir, port: 0 });
    expect(isRunning(orphan)).toBe(false);
    expect(await info(broker)).toMatchObject({ jetstream: true });
  });

  test('the same if the starter was killed before it recorded the broker, and the store has two paths', async () => {
    const { path } = await findNatsServer();
    const killer = join(storeDir, 'killer');
    const lines = ['#!/bin/sh', 'kill -9 "$PPID"', `echo $$ > '${killer}.pid'`, `exec '${path}' "$@"`, ''];
    writeFileSync(killer, lines.join('\n'), { mode: 0o755 });
    await once(startElsewhere('', killer), 'exit');
    const running = () =>
      existsSync(join(storeDir, 'ports')) && readdirSync(join(storeDir, 'ports')).length > 0;
    await expect.poll(running, { timeout: 60_000 }).toBe(true);
    const orphan = Number(readFileSync(`${killer}.pid`, 'utf8'));
    expect(isRunning(orphan)).toBe(true);

    const alias = `${storeDir}-alias`;
    symlinkSync(storeDir, alias);
    await using broker = await startBroker({ storeDir: alias, port: 0 });
    rmSync(alias);
    expect(isRunning(orphan)).toBe(false);
    expect(await info(broker)).toMatchObject({ jetstream: true });
  });

  test('the same if the store was moved in between', async () => {
    const starter = startElsewhere('');
    const orphan = await pidFrom(starter);
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    const moved = `${storeDir}-moved`;
    renameSync(storeDir, moved);
    await using broker = await startBroker({ storeDir: moved, port: 0 });
    expect(isRunning(orphan)).toBe(false);
    expect(await info(broker)).toMatchObject({ jetstream: true });
    await broker.stop();
    rmSync(moved, { recursive: true });
  });

  test('the broker of another store is left alone, even if a file in this one names its process', async () => {
    const [here, there] = [join(storeDir, 'here'), join(storeDir, 'there')];
    await using other = await startBroker({ storeDir: there, port: 0 });
    const named = join('ports', `nats-server_${other.pid}.ports`);
    mkdirSync(join(here, 'ports'), { recursive: true });
    copyFileSync(join(there, named), join(here, named));
    await using broker = await startBroker({ storeDir: here, port: 0 });
    expect(isRunning(other.pid)).toBe(true);
    expect(await info(broker)).toMatchObject({ jetstream: true });
    await broker.stop();

    // If nothing shows which store it belongs to, it is not ended.
    renameSync(join(there, named), join(here, named));
    await expect(startBroker({ storeDir: here, port: 0 })).rejects.toThrow(/may hold this store/);
    expect(isRunning(other.pid)).toBe(true);
  });

  test.runIf(mayMount())(
    'the broker of a container is left alone, even if its store has the same path there',
    async () => {
      const inside = startElsewhere('', undefined, [
        'unshare',
        '--mount',
        'sh',
        '-c',
        'mount -t tmpfs none "$0" && exec "$@"',
        storeDir,
      ]);
      const contained = await pidFrom(inside);
      await using broker = await startBroker({ storeDir, port: 0 });
      expect(isRunning(contained)).toBe(true);
      expect(await info(broker)).toMatchObject({ jetstream: true });
      inside.kill('SIGKILL');
      await once(inside, 'exit');
      process.kill(contained);
      await expect.poll(() => isRunning(contained), { timeout: 60_000 }).toBe(false);
    },
  );

  test('a broker is not ended if its starter was in another container and may still run', async () => {
    await using broker = await startBroker({ storeDir, port: 0 });
    const space = { host: 'box', boot: 'another boot', ids: 'pid:[1]' };
    writeFileSync(join(storeDir, 'holder.json'), JSON.stringify({ startedBy: 1, space }));
    await expect(startBroker({ storeDir, port: 0 })).rejects.toThrow(
      `nats-server (process ${broker.pid}), which was started in another container or on another machine (box)`,
    );
    expect(isRunning(broker.pid)).toBe(true);
  });

  test.runIf(existsSync('/bin/ps'))('without /proc, ps gives the same information on a process', async () => {
    const child = spawn('sleep', ['600']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    expect(inspectByPs(pid)).toEqual({
      parent: process.pid,
      command: 'sleep 600',
      used: expect.stringMatching(/^[\d:.-]+$/),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(inspectByPs(pid)).toBeUndefined();
  });
});
