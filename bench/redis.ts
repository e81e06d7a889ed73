/** A separate Redis for the peer: found, or unpacked from the distribution without root; its append-only file is on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheFolder, unpackPackages } from '@setlist/broker';
import { freePorts } from '@setlist/testkit';
import { Redis } from 'ioredis';
import { progress } from './benchmark.ts';

/** Debian's package, the package with its binary, and the libraries that a machine without Redis lacks. */
const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];
const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'];

const START_DEADLINE_MS = 10_000;

interface RedisBinary {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
}

/** Looks at REDIS_SERVER_BIN, then PATH, then an earlier unpacked one, then the distribution's package. */
async function findRedis(): Promise<RedisBinary> {
  const named = process.env.REDIS_SERVER_BIN;
  if (named) return { path: named, env: process.env };
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = folders.map((folder) => join(folder, 'redis-server')).find((path) => existsSync(path));
  if (onPath) return { path: onPath, env: process.env };
  const tree = join(cacheFolder(), 'redis-server');
  if (!existsSync(tree)) {
    progress('unpacking redis-server from this machine’s distribution');
    await unpackPackages(PACKAGES, tree).catch((error: unknown) => {
      const remedy = 'Install redis-server, or set REDIS_SERVER_BIN.';
      throw new Error(`redis-server could not be fetched. ${remedy}`, { cause: error });
    });
  }
  const libraries = LIBRARIES.map((name) => join(tree, 'usr/lib', name)).join(delimiter);
  return { path: join(tree, 'usr/bin/redis-server'), env: { ...process.env, LD_LIBRARY_PATH: libraries } };
}

/** Starts a server with an empty store on 127.0.0.1: append-only file on, flushed every second. */
export async function startRedis(): Promise<RedisServer> {
  const { path, env } = await findRedis();
  const folder = await mkdtemp(join(tmpdir(), 'setlist-redis-'));
  const [port = 0] = await freePorts(1);
  const child = spawn(
    path,
    [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--daemonize', 'no'],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--logfile', 'redis.log'],
    ],
    { env, stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  await once(child, 'spawn');
  const version = await versionOf(port);
  return {
    port,
    version,
    [Symbol.asyncDispose]: async () => {
      process.off('exit', endWithUs);
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Retries until the server answers. */
async function versionOf(port: number): Promise<string> {
  const client = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  // Refused until the server listens.
  client.on('error', () => undefined);
  try {
    const info = await Promise.race([
      client.info('server'),
      pause(START_DEADLINE_MS, undefined, { ref: false }),
    ]);
    if (info === undefined) throw new Error(`redis-server did not answer within ${START_DEADLINE_MS} ms`);
    return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
  } finally {
    client.disconnect();
  }
}

/** A connection as BullMQ requires it. */
export const connectRedis = (port: number): Redis =>
  new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });
