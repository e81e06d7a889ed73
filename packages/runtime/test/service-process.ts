/** Starts the fixture service as a process and ends it with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childStarted } from '@setlist/testkit';

const FIXTURE = fileURLToPath(new URL('./fixtures/service.ts', import.meta.url));
const DEADLINE_MS = 60_000;

export type LogEntry = Record<string, unknown> & { event?: string; msg: string };

/** Settings with which the fixture starts. */
export const GOOD_SETTINGS = {
  UPSTREAM: 'nats://jane:pa55word@127.0.0.1:4222',
  SIGNING_PHRASE: 'a-secret-of-the-fixture',
};

export class ServiceProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  /** Every line of standard output. */
  readonly lines: string[] = [];
  stderr = '';

  constructor(env: Record<string, string>, args: readonly string[] = []) {
    // `process.execPath` is the Node that runs the tests, which is the pinned one.
    const child = spawn(process.execPath, [FIXTURE, ...args], {
      env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = childStarted('the fixture service', child);
    createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#exited = once(child, 'close').then(([code]) => code);
  }

  get entries(): LogEntry[] {
    return this.lines.map((line): LogEntry => JSON.parse(line));
  }

  events(): (string | undefined)[] {
    return this.entries.map(({ event }) => event);
  }

  /** Waits for the first log entry with this event. */
  async logged(event: string): Promise<LogEntry> {
    for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; ) {
      const entry = this.entries.find((one) => one.event === event);
      if (entry) return entry;
      if (this.#child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no "${event}" was logged:\n${this.lines.join('\n')}\n${this.stderr}`);
  }

  kill(signal: 'SIGTERM' | 'SIGINT'): void {
    this.#child.kill(signal);
  }

  /** The exit code; `null` when a signal ended the process. */
  async exitCode(): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), DEADLINE_MS);
    try {
      return await this.#exited;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
