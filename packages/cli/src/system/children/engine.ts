/** The local engine as a child process. It is GPL, so it is never imported and only reached over HTTP. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildNotStarted, type RunningChild, startChild } from '@setlist/broker';
import type { Environment } from '@setlist/runtime';
import { missing } from '../../failure.ts';
import { INSTALL_AGAIN } from '../../installed.ts';
import { engineEnvironment } from './engine-environment.ts';

export interface EngineOptions {
  /** The folder of its port file. */
  readonly folder: string;
  readonly logFile: string;
  /** The port that it had before; any free one by default. */
  readonly port?: number;
  /** More of its settings (see `packages/polly-local`). */
  readonly settings: Environment;
  readonly env: Environment;
}

export interface Engine extends RunningChild {
  readonly url: string;
}

const ENTRY = fileURLToPath(new URL('../../../../polly-local/src/main.ts', import.meta.url));
const END_WITH_STARTER = new URL('./end-with-starter.ts', import.meta.url).href;
const IDLE_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 5_000;

/**
 * Starts the engine and waits until it listens. It ends with this process, even if this process is killed.
 * @throws CommandFailed (3) with its last output if it doesn't come up
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  if (!existsSync(ENTRY)) {
    throw missing(`the local engine is not at ${ENTRY}`, `${INSTALL_AGAIN} Or use --provider polly.`);
  }
  mkdirSync(options.folder, { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  const portFile = join(options.folder, 'port');
  rmSync(portFile, { force: true });
  try {
    const engine = await startChild({
      command: process.execPath,
      args: ['--import', END_WITH_STARTER, ENTRY],
      logFile: options.logFile,
      env: environmentOf(options, portFile),
      channel: true,
      portOf: () => (existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : undefined),
      idleWithinMs: IDLE_DEADLINE_MS,
      stopWithinMs: STOP_DEADLINE_MS,
    });
    return { ...engine, url: `http://127.0.0.1:${engine.port}` };
  } catch (error) {
    if (!(error instanceof ChildNotStarted)) throw error;
    const words = error.lastWords.map((line) => `\n  ${line}`).join('');
    throw missing(
      `the local engine ${error.message}`,
      `Its log is ${options.logFile}.${words && ` It ends with:${words}`}`,
    );
  }
}

const environmentOf = ({ settings, env, port = 0 }: EngineOptions, portFile: string): Environment => ({
  // Share our compile cache with the engine.
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
});
