/** Runs a private nats-server, with its own configuration, loopback port and store. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ChildNotStarted, startChild } from './child.ts';
import { BrokerNotStarted } from './errors.ts';
import { findNatsServer } from './find.ts';
import { configFileOf, endLeftover, portsFolderOf, recordStarter } from './holder.ts';
import { readPort, renderConfig } from './server-config.ts';

export interface BrokerOptions {
  /** The store's folder, created if missing. Only one broker at a time can hold it. */
  readonly storeDir: string;
  /** A port on 127.0.0.1; with 0, or unless given, the server chooses a free one. */
  readonly port?: number;
  /**
   * Whether each write is flushed to disk before it is acknowledged (1,600 awaited writes a second). Otherwise up to two
   * minutes of writes are in the operating system's cache, which survives a crash of the server but no power cut.
   */
  readonly flushes?: boolean;
  /** The token for clients, of letters and digits; random unless given; `false` admits every client. */
  readonly token?: string | false;
  /** The file to which the server's log is appended; `<storeDir>/nats-server.log` unless given. */
  readonly logFile?: string;
  /** The nats-server to run; the one that `findNatsServer` finds unless given. */
  readonly binary?: string;
  /** Ends the start, and the server. */
  readonly signal?: AbortSignal | undefined;
  /** Receives a sentence that says why the start takes long. */
  readonly tell?: (sentence: string) => void;
}

/** A running broker; disposing of it stops it. */
export interface Broker extends AsyncDisposable {
  /** Contains the token, which gives full access to the broker. */
  readonly url: string;
  /** As in {@link BrokerOptions}. A replacement broker needs the same token, so that clients can reconnect. */
  readonly token: string | false;
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process is gone, with the signal that ended it or text such as `exit code 1`. */
  readonly exited: Promise<string>;
  /** Sends SIGTERM, and SIGKILL after 10 seconds. Resolves when the process is gone; can be called again. */
  stop(): Promise<void>;
}

const IDLE_DEADLINE_MS = 30_000;
/** After this time, in ms, a start takes so long that the user wants to know why. */
const LONG_START_MS = 5_000;
const STOP_DEADLINE_MS = 10_000;
const TOKEN_BYTES = 32;

/**
 * Starts a broker and waits until clients can connect and JetStream has read its store, however long that takes.
 * First ends a broker that an earlier, killed process of ours left on the same store.
 * @throws BrokerNotFound if there is no nats-server; BrokerNotStarted with the server's last log lines, or if a live
 * process holds the store; the signal's reason
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
  // An existing file would keep its mode.
  rmSync(configFile, { force: true });
  writeFileSync(configFile, renderConfig({ ...options, storeDir, portsFolder, token }), { mode: 0o600 });
  recordStarter(storeDir);
  const { signal, tell } = options;
  const longStart = setTimeout(() => tell?.(READING), LONG_START_MS);
  try {
    const server = await startChild({
      command: binary,
      args: ['--config', configFile],
      // The server names its ports file after argv0, so it must not depend on the binary's name.
      argv0: 'nats-server',
      logFile,
      portOf: (pid) => readPort(portsFolder, pid),
      idleWithinMs: IDLE_DEADLINE_MS,
      stopWithinMs: STOP_DEADLINE_MS,
      signal,
    });
    const url = `nats://${token === false ? '' : `${token}@`}127.0.0.1:${server.port}`;
    return { ...server, url, token, [Symbol.asyncDispose]: server.stop };
  } catch (error) {
    if (!(error instanceof ChildNotStarted)) throw error;
    const words = error.lastWords.map((line) => `\n  ${line}`).join('');
    const log = words === '' ? '' : `\nThe last lines of ${logFile}:${words}`;
    throw new BrokerNotStarted(`nats-server (${binary}) ${error.message}${log}`, { cause: error });
  } finally {
    clearTimeout(longStart);
  }
}

const READING =
  'The broker is reading its log, which can take minutes after a crash. Wait, or stop with Ctrl-C.';
