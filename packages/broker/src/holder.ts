/**
 * Who runs the broker of a store. A process of ours that is killed leaves its broker running; two servers on one
 * store would corrupt it. The note beside the store tells the next start which process to end first.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokerNotStarted } from './errors.ts';

/** Process ids: the broker's, and of the process that started it. */
export interface Holder {
  readonly broker: number;
  readonly startedBy: number;
}

interface RunningProcess {
  readonly parent: number;
  readonly commandLine: string;
}

const HOLDER_FILE = 'holder.json';
const END_DEADLINE_MS = 10_000;
const END_POLL_MS = 20;

export function recordHolder(storeDir: string, holder: Holder): void {
  writeFileSync(join(storeDir, HOLDER_FILE), JSON.stringify(holder));
}

/** Takes the note away, unless another broker has written its own meanwhile. */
export function forgetHolder(storeDir: string, broker: number): void {
  if (readHolder(storeDir)?.broker === broker) rmSync(join(storeDir, HOLDER_FILE), { force: true });
}

/**
 * Ends a broker whose starter is gone (the system has then given it another parent).
 * @throws BrokerNotStarted if its starter still runs: the store is in use
 */
export async function endLeftover(storeDir: string): Promise<void> {
  const holder = readHolder(storeDir);
  const broker = holder && inspect(holder.broker);
  if (broker?.commandLine.includes(storeDir)) {
    if (broker.parent === holder?.startedBy) {
      throw new BrokerNotStarted(
        `The store ${storeDir} is in use by nats-server (process ${holder.broker}), which process ${broker.parent} ` +
          'runs. Stop that process, or choose another folder for this one.',
      );
    }
    if (holder) await end(holder.broker);
  }
  rmSync(join(storeDir, HOLDER_FILE), { force: true });
}

async function end(pid: number): Promise<void> {
  const deadline = performance.now() + END_DEADLINE_MS;
  process.kill(pid, 'SIGTERM');
  while (inspect(pid) !== undefined) {
    if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
    await pause(END_POLL_MS);
  }
}

function readHolder(storeDir: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(join(storeDir, HOLDER_FILE), 'utf8')) as Holder;
  } catch (error) {
    // A note cut short by a crash is as good as none.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined if there is no such process (or, off Linux, no /proc to see it by). A zombie counts as gone. */
function inspect(pid: number): RunningProcess | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (/^State:\s+[ZX]/m.test(status)) return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return { parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]), commandLine };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
