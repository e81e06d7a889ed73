/** Reaches the log for commands that only look: of a running system, or of what the last one left. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startBroker } from '@setlist/broker';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import type { DataFolder } from './data-folder.ts';
import { takeLock } from './lock.ts';
import { type RunningSystem, runningSystem } from './system-note.ts';

export interface OpenedLog extends AsyncDisposable {
  readonly log: EventLog;
  /** Whether somebody works on it, so that what it says still changes. */
  readonly live: boolean;
  /** The system of this data folder, if it is that. */
  readonly system: RunningSystem | undefined;
}

export interface LogPlace {
  readonly data: DataFolder;
  /** A broker elsewhere, in place of the data folder's own. */
  readonly server?: string | undefined;
  /** Who looks, for whoever finds the folder locked meanwhile. */
  readonly command: string;
}

const NAME = 'setlist-cli';
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Nothing where the data folder has no log yet. Where no system runs, the broker is started alone, on the locked folder.
 * @throws BrokerUnavailable, BrokerNotFound, BrokerNotStarted, CommandFailed
 */
export async function openLog({ data, server, command }: LogPlace): Promise<OpenedLog | undefined> {
  const system = server === undefined ? runningSystem(data) : undefined;
  const servers = server ?? system?.broker;
  await using stack = new AsyncDisposableStack();
  if (servers === undefined && !existsSync(data.broker)) return undefined;
  const url = servers ?? (await brokerAlone(data, command, stack));
  const log = stack.use(
    await openEventLog({ servers: url, name: NAME, connectTimeoutMs: CONNECT_TIMEOUT_MS }),
  );
  const held = stack.move();
  return { log, live: servers !== undefined, system, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function brokerAlone(data: DataFolder, command: string, stack: AsyncDisposableStack): Promise<string> {
  stack.use(takeLock(data.path, command));
  const logFile = join(data.logs, 'nats-server.log');
  return stack.use(await startBroker({ storeDir: data.broker, logFile })).url;
}
