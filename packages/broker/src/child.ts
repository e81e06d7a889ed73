/**
 * Runs a server of ours with its own log. It gets its own process group, so that Ctrl-C reaches only this process,
 * which decides when to stop the server.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from './running-process.ts';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Appended to. The child writes to it directly, so that it is complete even if this process dies first. */
  readonly logFile: string;
  readonly argv0?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether to open an IPC channel, which closes when this process is gone for any reason. */
  readonly channel?: boolean;
  /** The port on which the process listens; undefined until it does. */
  readonly portOf: (pid: number) => number | undefined;
  /** If it doesn't listen and uses no processor time for this long, it has not come up. */
  readonly idleWithinMs: number;
  /** After this time, stopping kills it. */
  readonly stopWithinMs: number;
  /** Ends the wait until it listens, and the process. */
  readonly signal?: AbortSignal | undefined;
}

export interface RunningChild {
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process is gone, with the signal that ended it or text such as `exit code 1`. */
  readonly exited: Promise<string>;
  /** Sends SIGTERM, and SIGKILL if that takes too long. Resolves when the process is gone; can be called again. */
  stop(): Promise<void>;
}

/** The child did not start; the message is `could not be run: …` or `did not come up: …`. */
export class ChildNotStarted extends Error {
  override readonly name = 'ChildNotStarted';
  /** The last lines that it wrote to its log since it was started. */
  readonly lastWords: readonly string[];

  constructor(message: string, cause: unknown, lastWords: readonly string[] = []) {
    super(`${message}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.lastWords = lastWords;
  }
}

const READY_POLL_MS = 10;
const LAST_WORDS_LINES = 12;

/**
 * Starts the program and waits until it listens.
 * @throws ChildNotStarted, or the signal's reason, after which nothing is left running
 */
export async function startChild(options: ChildOptions): Promise<RunningChild> {
  const { logFile, stopWithinMs } = options;
  const log = openSync(logFile, 'a');
  const logStart = fstatSync(log).size;
  const child = spawnChild(options, log);
  const exited = new Promise<string>((done) => {
    child.once('exit', (code, signal) => done(signal ?? `exit code ${code}`));
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new ChildNotStarted('could not be run', error);
  }
  const { pid = 0 } = child;
  const endWithUs = () => child.kill('SIGTERM');
  process.once('exit', endWithUs);
  void exited.then(() => process.off('exit', endWithUs));
  const stop = () => stopChild(child, exited, stopWithinMs);
  try {
    return { pid, port: await portOnceUp(options, pid, exited), exited, stop };
  } catch (error) {
    await stop();
    options.signal?.throwIfAborted();
    throw new ChildNotStarted('did not come up', error, lastWords(logFile, logStart));
  }
}

function spawnChild({ command, args, argv0, env, channel }: ChildOptions, log: number): ChildProcess {
  const stdio: SpawnOptions['stdio'] = channel ? ['ignore', log, log, 'ipc'] : ['ignore', log, log];
  try {
    return spawn(command, args, { argv0, env, detached: true, stdio });
  } finally {
    closeSync(log);
  }
}

/** A process can take any time to get ready, such as a broker that reads its store after a crash, but not idly. */
async function portOnceUp(
  { portOf, idleWithinMs, signal }: ChildOptions,
  pid: number,
  exited: Promise<string>,
): Promise<number> {
  let ended: string | undefined;
  void exited.then((how) => {
    ended = how;
  });
  let used: string | undefined;
  for (let lookAt = 0; ; await pause(READY_POLL_MS)) {
    signal?.throwIfAborted();
    if (ended !== undefined) throw new Error(`it ended (${ended})`);
    const port = portOf(pid);
    if (port !== undefined) return port;
    if (performance.now() < lookAt) continue;
    const before = used;
    used = inspect(pid)?.used;
    if (used !== undefined && used === before)
      throw new Error(`it was not ready and did nothing for ${idleWithinMs / 1_000} s`);
    lookAt = performance.now() + idleWithinMs;
  }
}

async function stopChild(child: ChildProcess, exited: Promise<string>, withinMs: number): Promise<void> {
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await exited;
  clearTimeout(impatience);
}

const lastWords = (logFile: string, from: number): string[] =>
  readFileSync(logFile)
    .subarray(from)
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(-LAST_WORDS_LINES)
    .filter(Boolean);
