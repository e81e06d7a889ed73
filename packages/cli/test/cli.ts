/** The real command in a test's own working folder: as a process of its own, or in this process, which is faster. */
import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  engineStats,
  eventually,
  freeze,
  startProcess,
  type TestProcess,
  temporaryFolder,
} from '@setlist/testkit';
import { openTerminal } from '../src/output/text/terminal.ts';
import { runCommandLine } from '../src/program.ts';

export const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The instant engine answers at once, so that tests don't wait for espeak. */
const INSTANT = { ENGINE: 'instant', NO_COLOR: '1', SMTP_URL: undefined, MAIL_TO: undefined };

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams, line by line. */
  readonly lines: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

export interface Place extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string): Promise<string>;
  /** Starts a command as a process of its own. */
  start(args: readonly string[], env?: Variables): Promise<TestProcess>;
  /**
   * Runs a command to its end, in this process with its own surroundings. If `env` is given, runs it in a separate
   * process, since libraries read variables from their process.
   */
  run(args: readonly string[], env?: Variables): Promise<Ended>;
  /** Runs a command in this process, as if a user at a terminal had typed `typed`. */
  answer(args: readonly string[], typed: string): Promise<Ended>;
  /** Runs a command in this process, with Ctrl-C in the same turn in which `moment` resolves. */
  interrupted(args: readonly string[], moment: () => Promise<unknown>): Promise<Ended>;
}

export async function place(): Promise<Place> {
  const folder = await temporaryFolder();
  const start = (args: readonly string[], env: Variables = {}) =>
    startProcess({
      name: `setlist ${args[0]}`,
      entry: MAIN,
      args,
      cwd: folder.path,
      env: { ...INSTANT, ...env },
    });
  return {
    path: folder.path,
    async write(name, text) {
      const path = join(folder.path, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return path;
    },
    start,
    async run(args, env) {
      if (env === undefined) return runHere(args, { cwd: folder.path });
      await using command = await start(args, env);
      const { code } = await command.exited;
      return { code, stdout: command.stdout(), lines: command.lines };
    },
    answer: (args, typed) => {
      const stdin = Object.assign(new PassThrough(), { isTTY: true });
      stdin.write(typed);
      return runHere(args, { cwd: folder.path, stdin });
    },
    interrupted: async (args, moment) => {
      const signals = new EventEmitter();
      const running = runHere(args, { cwd: folder.path, signals });
      await moment();
      signals.emit('SIGINT', 'SIGINT');
      return running;
    },
    async [Symbol.asyncDispose]() {
      const left = processesWith(folder.path);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      await folder[Symbol.asyncDispose]();
      if (left.length > 0) throw new Error(`a test left its processes running: ${left.join(', ')}`);
    },
  };
}

interface Around {
  readonly cwd: string;
  readonly stdin?: PassThrough;
  readonly signals?: EventEmitter;
}

async function runHere(args: readonly string[], around: Around): Promise<Ended> {
  const texts = { stdout: '', both: '' };
  const collected = (isResult: boolean) =>
    new PassThrough().setEncoding('utf8').on('data', (text: string) => {
      texts.both += text;
      if (isResult) texts.stdout += text;
    });
  const env = { ...process.env, ...INSTANT };
  const terminal = openTerminal({ stdout: collected(true) as never, stderr: collected(false) as never, env });
  const code = await runCommandLine(args, {
    terminal,
    env,
    stdin: new PassThrough(),
    signals: new EventEmitter(),
    ...around,
    exit: (code) => {
      throw new Error(`ended at once with ${code}`);
    },
  });
  await terminal.flushed();
  return { code, stdout: texts.stdout, lines: texts.both.split('\n').filter(Boolean) };
}

/** A set whose phrases differ from those of any other `seed`. */
export function setOf(name: string, items: number, seed = name): string {
  const phrases = Array.from({ length: items }, (_, index) => `  - text: Phrase ${index} of ${seed}.`);
  return [`set:`, `  name: ${name}`, 'defaults:', '  engine: standard', 'items:', ...phrases, ''].join('\n');
}

/** Runs commands until what they say is so: seldom, since each costs what many looks at a variable do. */
export const seen = (probe: () => Promise<void>): Promise<void> => eventually(probe, { everyMs: 200 });

/** The result lines of `--json`. */
export const jsonLines = ({ stdout }: Pick<Ended, 'stdout'>): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Waits until a call is under way at the local engine of the system that runs here. */
export const callUnderWay = ({ path }: Place): Promise<boolean> =>
  eventually(async () => {
    const port = await readFile(join(path, '.setlist/engine/port'), 'utf8');
    const { calls } = await engineStats({ engineUrl: `http://127.0.0.1:${port}` });
    return Object.values(calls).some(({ inFlight }) => inFlight > 0);
  });

/** Freezes processes until disposed of. */
export function frozen(pids: readonly number[]): Disposable {
  pids.forEach(freeze);
  return { [Symbol.dispose]: () => pids.forEach((pid) => void process.kill(pid, 'SIGCONT')) };
}

/** The children of a process whose command line contains a word. */
export function childrenOf(pid: number, word: string): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((child) => commandLineOf(child).includes(word));
}

/** All processes whose command line contains a word; a zombie has no command line. */
export const processesWith = (word: string): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(Number)
    .filter((pid) => commandLineOf(pid).includes(word));

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
