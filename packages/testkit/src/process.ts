/** Runs one of our entry points as its own process, so that a test can really kill it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder } from '@setlist/broker';
import { processStarted } from './leaked-processes.ts';

export interface ProcessOptions {
  /** What to call it in failures. */
  readonly name: string;
  /** The absolute path of a TypeScript file. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The working folder; by default this process's own. */
  readonly cwd?: string;
}

interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Disposing of it kills it, if it still runs. */
export interface TestProcess extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when it has ended and all its output has been read. */
  readonly exited: Promise<ProcessExit>;
  /** Every line so far of its standard output and standard error, in order of arrival. */
  readonly lines: readonly string[];
  /** What it has written to standard output so far. */
  stdout(): string;
  /**
   * The first line that matches, including lines already written.
   * @throws Error with the process's last lines if it ends, or the deadline passes, without one
   */
  waitForLine(pattern: RegExp, deadlineMs?: number): Promise<string>;
  /** SIGKILL; resolves when it is gone. */
  kill9(): Promise<void>;
  /** SIGTERM (or another signal); resolves with its exit once it has ended. */
  term(signal?: NodeJS.Signals): Promise<ProcessExit>;
}

const LINE_DEADLINE_MS = 60_000;
const LINES_IN_FAILURES = 30;

/** Starts the entry with the Node that runs this process. */
export async function startProcess(options: ProcessOptions): Promise<TestProcess> {
  const child = spawn(process.execPath, [options.entry, ...(options.args ?? [])], {
    cwd: options.cwd,
    // Tests start the same few services again and again, so Node's compiled code is cached between them.
    env: { NODE_COMPILE_CACHE: join(cacheFolder(), 'compiled'), ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<ProcessExit>((done) => {
    child.once('close', (code, signal) => done({ code, signal }));
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const take = (line: string) => {
    lines.push(line);
    for (const listener of listeners) listener(line);
  };
  createInterface({ input: child.stdout }).on('line', take);
  createInterface({ input: child.stderr }).on('line', take);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.name} was started without a process id`);
  processStarted({ name: options.name, pid, exited });

  const kill9 = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    pid,
    exited,
    lines,
    stdout: () => stdout,
    waitForLine: (pattern, deadlineMs = LINE_DEADLINE_MS) =>
      nextMatch({ name: options.name, lines, listeners, exited }, pattern, deadlineMs),
    kill9,
    term: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
    [Symbol.asyncDispose]: kill9,
  };
}

interface Watched {
  readonly name: string;
  readonly lines: readonly string[];
  readonly listeners: Set<(line: string) => void>;
  readonly exited: Promise<ProcessExit>;
}

function nextMatch(watched: Watched, pattern: RegExp, deadlineMs: number): Promise<string> {
  const { name, lines, listeners, exited } = watched;
  const already = lines.find((line) => pattern.test(line));
  if (already !== undefined) return Promise.resolve(already);
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      listeners.delete(listener);
      clearTimeout(timer);
      action();
    };
    const fail = (reason: string) => {
      const last = lines.slice(-LINES_IN_FAILURES).map((line) => `  ${line}`);
      settle(() => reject(new Error([`${name}: no line matched ${pattern}: ${reason}`, ...last].join('\n'))));
    };
    const listener = (line: string) => {
      if (pattern.test(line)) settle(() => resolve(line));
    };
    const timer = setTimeout(() => fail(`${deadlineMs} ms have passed`), deadlineMs);
    listeners.add(listener);
    void exited.then(({ code, signal }) => fail(`it ended (${signal ?? `exit code ${code}`})`));
  });
}
