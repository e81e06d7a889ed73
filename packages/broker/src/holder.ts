/**
 * Who runs the broker of a store. A process of ours that is killed leaves its broker running; two servers on one
 * store would corrupt it. So the next start on the store ends it first: it is found among the system's processes,
 * since a starter can be killed at any moment and have written nothing of what it started.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokerNotStarted } from './errors.ts';

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly arguments: readonly string[];
}

const STARTER_FILE = 'holder.json';
const END_DEADLINE_MS = 10_000;
const END_POLL_MS = 20;

/** Where a broker of this store has its configuration: what tells its process from others. */
export const configFileOf = (storeDir: string): string => join(storeDir, 'nats-server.conf');

/** Notes that this process is about to start the store's broker. */
export function recordStarter(storeDir: string): void {
  writeFileSync(join(storeDir, STARTER_FILE), JSON.stringify({ startedBy: process.pid }));
}

/**
 * Ends brokers whose starter is gone (the system has then given them another parent).
 * @throws BrokerNotStarted if the starter still runs: the store is in use
 */
export async function endLeftover(storeDir: string): Promise<void> {
  if (!existsSync(storeDir)) return;
  const starter = readStarter(storeDir);
  for (const broker of brokersOf(configFileOf(realpathSync(storeDir)))) {
    if (broker.parent === starter) {
      throw new BrokerNotStarted(
        `The store ${storeDir} is in use by nats-server (process ${broker.pid}), which process ${starter} ` +
          'runs. Stop that process, or choose another folder for this one.',
      );
    }
    await end(broker.pid);
  }
}

async function end(pid: number): Promise<void> {
  const deadline = performance.now() + END_DEADLINE_MS;
  signal(pid, 'SIGTERM');
  while (inspect(pid) !== undefined) {
    if (performance.now() > deadline) signal(pid, 'SIGKILL');
    await pause(END_POLL_MS);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readStarter(storeDir: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(storeDir, STARTER_FILE), 'utf8')) as { startedBy: number })
      .startedBy;
  } catch (error) {
    // A note cut short by a crash is as good as none.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** None where the system shows no processes (off Linux, without /proc). */
function brokersOf(configFile: string): RunningProcess[] {
  return processIds().flatMap((pid) => {
    const running = inspect(pid);
    const [option, file] = running?.arguments.slice(-2) ?? [];
    return running && option === '--config' && file === configFile ? [running] : [];
  });
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined if there is no such process, or if it is another user's. A zombie counts as gone. */
function inspect(pid: number): RunningProcess | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (/^State:\s+[ZX]/m.test(status)) return undefined;
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return { pid, parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]), arguments: words };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}
