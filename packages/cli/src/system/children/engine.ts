/** The local engine as a child process: GPL, hence never imported, and reached over HTTP only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, messageOf, sleep } from '@setlist/runtime';
import { missing } from '../../failure.ts';
import { INSTALL_AGAIN } from '../../installed.ts';
import { engineEnvironment } from './engine-environment.ts';

export interface EngineOptions {
  /** For its port file. */
  readonly folder: string;
  readonly logFile: string;
  /** The one that it had before; any free one unless given. */
  readonly port?: number;
  /** Its settings besides (see `packages/polly-local`). */
  readonly settings: Environment;
  readonly env: Environment;
}

export interface Engine {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process is gone, with how it went. */
  readonly exited: Promise<string>;
  /** In order, by force after 5 seconds. */
  stop(): Promise<void>;
}

const ENTRY = fileURLToPath(new URL('../../../../polly-local/src/main.ts', import.meta.url));
const END_WITH_STARTER = new URL('./end-with-starter.ts', import.meta.url).href;
const READY_DEADLINE_MS = 30_000;
const POLL_MS = 10;
const STOP_DEADLINE_MS = 5_000;
const LAST_WORDS_LINES = 5;

/**
 * Starts the engine and waits until it listens. It ends when we do, even if we are killed.
 * @throws CommandFailed (3) with its last words if it doesn't come up
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  if (!existsSync(ENTRY)) {
    throw missing(`the local engine is not at ${ENTRY}`, `${INSTALL_AGAIN} Or use --provider polly.`);
  }
  mkdirSync(options.folder, { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  const portFile = join(options.folder, 'port');
  rmSync(portFile, { force: true });
  const child = spawnEngine(options, portFile);
  const exited = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => done(signal ?? `exit code ${code}`));
  });
  const stop = () => stopChild(child, exited);
  try {
    const port = await portWithin(READY_DEADLINE_MS, portFile, exited);
    return { url: `http://127.0.0.1:${port}`, port, pid: child.pid ?? 0, exited, stop };
  } catch (error) {
    await stop();
    const reason = messageOf(error);
    throw missing(
      `the local engine did not come up: ${reason}`,
      `Its log is ${options.logFile}.${lastWords(options.logFile)}`,
    );
  }
}

/** In a process group of its own, so that Ctrl-C reaches us first and we decide when it goes. */
function spawnEngine({ settings, env, logFile, port = 0 }: EngineOptions, portFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return spawn(process.execPath, ['--import', END_WITH_STARTER, ENTRY], {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      env: {
        // What Node compiled is kept for it as for us.
        NODE_COMPILE_CACHE: getCompileCacheDir(),
        ...engineEnvironment(env),
        LOG_FORMAT: 'json',
        LOG_LEVEL: 'warn',
        HTTP_PORT: '0',
        DRAIN_TIMEOUT: '2s',
        LISTEN_HOST: '127.0.0.1',
        LISTEN_PORT: String(port),
        PORT_FILE: portFile,
        ...settings,
      },
    });
  } finally {
    closeSync(log);
  }
}

async function portWithin(deadlineMs: number, portFile: string, exited: Promise<string>): Promise<number> {
  let ended: string | undefined;
  void exited.then((how) => {
    ended = how;
  });
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    if (ended !== undefined) throw new Error(`it ended at once (${ended})`);
    if (existsSync(portFile)) return Number(readFileSync(portFile, 'utf8'));
    await sleep(POLL_MS);
  }
  throw new Error(`it was not ready within ${deadlineMs / 1000} s`);
}

async function stopChild(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(impatience);
}

function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-LAST_WORDS_LINES).filter(Boolean);
  return lines.length === 0 ? '' : ` It ends with:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
