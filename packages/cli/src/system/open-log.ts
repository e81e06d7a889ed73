/** Reaches the log for commands that only look: of a running system, or of what the last one left. */
import { startBroker } from '@setlist/broker';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { unlessAborted } from '@setlist/runtime';
import { missing } from '../failure.ts';
import type { ToldCommand } from '../output/text/told-command.ts';
import type { DataFolder } from './folder/data-folder.ts';
import { type RunningSystem, systemOf } from './folder/system-note.ts';
import { hasLog, takeFolder } from './folder/take-folder.ts';

export interface OpenedLog extends AsyncDisposable {
  readonly log: EventLog;
  /** Where its broker listens. */
  readonly servers: string;
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
  /** Told in a sentence what is waited for. */
  readonly tell: (sentence: string) => void;
  /** Ends the waiting for a broker. */
  readonly signal?: AbortSignal | undefined;
}

const NAME = 'setlist-cli';
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Nothing where the data folder has no log yet. Where no system runs, the broker is started alone, on the locked folder.
 * @throws BrokerUnavailable, BrokerNotFound, BrokerNotStarted, CommandFailed; the signal's reason
 */
export async function openLog(place: LogPlace): Promise<OpenedLog | undefined> {
  const { data, server, signal } = place;
  const system = server === undefined ? await systemOf(data, signal) : undefined;
  const servers = server ?? system?.broker;
  await using stack = new AsyncDisposableStack();
  if (servers === undefined && !hasLog(data)) return undefined;
  const url = servers ?? (await brokerAlone(place, stack));
  const log = stack.use(await openUnlessStopped(connect(url), signal));
  const held = stack.move();
  return {
    log,
    servers: url,
    live: servers !== undefined,
    system,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** For who goes on looking: nothing ever happens on a log that only this command has open. */
export function requireLive({ live }: OpenedLog, { path }: DataFolder, command: ToldCommand): void {
  if (!live)
    throw missing(`no system runs on ${path}`, `There is nothing to watch: start "${command('up')}".`);
}

/** How commands reach a broker: a user at a terminal is not kept waiting for long. */
export const connect = (servers: string): Promise<EventLog> =>
  openEventLog({ servers, name: NAME, connectTimeoutMs: CONNECT_TIMEOUT_MS });

async function brokerAlone(
  { data, command, tell, signal }: LogPlace,
  stack: AsyncDisposableStack,
): Promise<string> {
  stack.use(await takeFolder(data, { command, looks: true, tell, signal }));
  const broker = startBroker({ storeDir: data.broker, logFile: data.brokerLog });
  return stack.use(await openUnlessStopped(broker, signal)).url;
}

/** What is being opened, unless the signal comes first: what still comes of it then is closed again. */
export async function openUnlessStopped<T extends AsyncDisposable>(
  opening: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await (signal ? unlessAborted(opening, signal) : opening);
  } catch (error) {
    opening.then(
      (late) => late[Symbol.asyncDispose](),
      () => undefined,
    );
    throw error;
  }
}
