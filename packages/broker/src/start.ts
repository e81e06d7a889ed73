/**
 * Runs a nats-server that is ours alone: its own configuration, port on the loopback address and store.
 * It sits in a process group of its own, so that Ctrl-C reaches us first and we decide when it goes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokerNotStarted } from './errors.ts';
import { findNatsServer } from './find.ts';
import { configFileOf, endLeftover, portsFolderOf, recordStarter } from './holder.ts';
import { readPort, renderConfig } from './server-config.ts';

export interface BrokerOptions {
  /** The store's folder, made if it isn't there. One broker at a time may hold it. */
  readonly storeDir: string;
  /** A port on 127.0.0.1; 0 has the server choose a free one. */
  readonly port?: number;
  /**
   * `always` has every acknowledged write on disk (1,600 awaited writes a second); `default` leaves up to two
   * minutes of them to the operating system, which outlives a crash of the server but not of the machine.
   */
  readonly syncInterval?: 'default' | 'always';
  /** The server's name in its log. */
  readonly name?: string;
  /** What clients have to bring: a random one unless given, of letters and digits; `false` lets in whoever reaches the port. */
  readonly token?: string | false;
  /** Where the server's log goes, appended; `<storeDir>/nats-server.log` unless given. */
  readonly logFile?: string;
  /** The nats-server to run; found by `findNatsServer` unless given. */
  readonly binary?: string;
}

/** A running broker; disposing of it is stopping it. */
export interface Broker extends AsyncDisposable {
  /** With the token: whoever has it may do anything on the broker. */
  readonly url: string;
  /** As in {@link BrokerOptions}: what a broker in its place needs, for clients to find their way back. */
  readonly token: string | false;
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process has ended, however that came about. */
  readonly exited: Promise<BrokerExit>;
  /** Has it end in order, and by force after 10 seconds. Resolves when it is gone; may be called again. */
  stop(): Promise<void>;
}

interface BrokerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long it may take to get ready, recovery of the store included. */
const READY_DEADLINE_MS = 60_000;
const READY_POLL_MS = 10;
const STOP_DEADLINE_MS = 10_000;
const LAST_WORDS_LINES = 12;
const TOKEN_BYTES = 32;

/**
 * Starts a broker and waits until clients can connect and JetStream has read its store.
 * A broker that an earlier, killed process of ours left on the same store is ended first.
 * @throws BrokerNotFound if there is no nats-server; BrokerNotStarted with the server's last words, or if a live
 * process holds the store
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const binary = options.binary ?? (await findNatsServer()).path;
  mkdirSync(options.storeDir, { recursive: true });
  const storeDir = realpathSync(options.storeDir);
  const logFile = resolve(options.logFile ?? join(storeDir, 'nats-server.log'));
  const portsFolder = portsFolderOf(storeDir);
  mkdirSync(dirname(logFile), { recursive: true });
  await endLeftover(storeDir);
  rmSync(portsFolder, { recursive: true, force: true });
  mkdirSync(portsFolder);

  const { token = randomBytes(TOKEN_BYTES).toString('hex') } = options;
  const configFile = configFileOf(storeDir);
  // A file that is there already would keep its own mode.
  rmSync(configFile, { force: true });
  writeFileSync(configFile, renderConfig({ ...options, storeDir, portsFolder, token }), { mode: 0o600 });
  const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  recordStarter(storeDir);
  const server = await spawnServer(binary, configFile, logFile);

  const stop = () => stopServer(server);
  try {
    const port = await waitUntilReady(server, portsFolder);
    const { pid, exited } = server;
    const url = `nats://${token === false ? '' : `${token}@`}127.0.0.1:${port}`;
    return { url, token, pid, port, exited, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    const fault = error instanceof Error ? error.message : String(error);
    const words = lastWords(logFile, logStart);
    throw new BrokerNotStarted(`nats-server (${binary}) did not come up: ${fault}\n${words}`, {
      cause: error,
    });
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<BrokerExit>;
}

/** The log is the server's own file handle, so that it outlives us and is complete after a crash. */
async function spawnServer(binary: string, configFile: string, logFile: string): Promise<Server> {
  const log = openSync(logFile, 'a');
  try {
    // Its file of ports is named after the program, whatever ours is called.
    const child = spawn(binary, ['--config', configFile], {
      argv0: 'nats-server',
      detached: true,
      stdio: ['ignore', log, log],
    });
    const exited = new Promise<BrokerExit>((done) => {
      child.once('exit', (code, signal) => done({ code, signal }));
    });
    await once(child, 'spawn');
    if (child.pid === undefined) throw new Error('it has no process id');
    const endWithUs = () => child.kill('SIGTERM');
    process.once('exit', endWithUs);
    void exited.then(() => process.off('exit', endWithUs));
    return { child, pid: child.pid, exited };
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new BrokerNotStarted(`nats-server (${binary}) could not be run: ${fault}`, { cause: error });
  } finally {
    closeSync(log);
  }
}

async function waitUntilReady(server: Server, portsFolder: string): Promise<number> {
  const deadline = performance.now() + READY_DEADLINE_MS;
  let exit: BrokerExit | undefined;
  void server.exited.then((value) => {
    exit = value;
  });
  while (performance.now() < deadline) {
    if (exit !== undefined) throw new Error(`it ended at once (${exit.signal ?? `exit code ${exit.code}`})`);
    const port = readPort(portsFolder, server.pid);
    if (port !== undefined) return port;
    await pause(READY_POLL_MS);
  }
  throw new Error(`it was not ready within ${READY_DEADLINE_MS / 1000} s`);
}

async function stopServer({ child, exited }: Server): Promise<void> {
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(impatience);
}

function lastWords(logFile: string, from: number): string {
  const words = readFileSync(logFile)
    .subarray(from)
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(-LAST_WORDS_LINES);
  return [`The last lines of ${logFile}:`, ...words.map((line) => `  ${line}`)].join('\n');
}
