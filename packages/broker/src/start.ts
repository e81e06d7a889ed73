/** Runs a nats-server that is ours alone: its own configuration, port on the loopback address and store. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ChildNotStarted, startChild } from './child.ts';
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
  /** Resolves when the process has ended, with how that came about: a signal, or `exit code 1`. */
  readonly exited: Promise<string>;
  /** Has it end in order, and by force after 10 seconds. Resolves when it is gone; may be called again. */
  stop(): Promise<void>;
}

/** How long it may take to get ready, recovery of the store included. */
const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;
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
  recordStarter(storeDir);
  try {
    const server = await startChild({
      command: binary,
      args: ['--config', configFile],
      // Its file of ports is named after the program, whatever ours is called.
      argv0: 'nats-server',
      logFile,
      portOf: (pid) => readPort(portsFolder, pid),
      readyWithinMs: READY_DEADLINE_MS,
      stopWithinMs: STOP_DEADLINE_MS,
    });
    const url = `nats://${token === false ? '' : `${token}@`}127.0.0.1:${server.port}`;
    return { ...server, url, token, [Symbol.asyncDispose]: server.stop };
  } catch (error) {
    if (!(error instanceof ChildNotStarted)) throw error;
    const words = error.lastWords.map((line) => `\n  ${line}`).join('');
    const log = words === '' ? '' : `\nThe last lines of ${logFile}:${words}`;
    throw new BrokerNotStarted(`nats-server (${binary}) ${error.message}${log}`, { cause: error });
  }
}
