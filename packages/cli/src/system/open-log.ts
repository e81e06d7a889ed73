/** Opens the log for a command: a running system's, or the one that the last system left. */
import { startBroker } from '@setlist/broker';
import { accessFrom, type BrokerAccess, type EventLog, openEventLog } from '@setlist/eventlog';
import { type Environment, unlessAborted } from '@setlist/runtime';
import { missing } from '../failure.ts';
import type { Reach, ToldCommand } from '../output/text/told-command.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DataFolder, dataFolder } from './folder/data-folder.ts';
import { type RunningSystem, systemOf } from './folder/system-note.ts';
import { hasLog, takeFolder } from './folder/take-folder.ts';

export interface OpenedLog extends AsyncDisposable {
  readonly log: EventLog;
  readonly data: DataFolder;
  /** Whether a system works on the log, so that it still changes. */
  readonly live: boolean;
  /** The system running on this data folder, if the log is its log. */
  readonly system: RunningSystem | undefined;
}

export interface LogPlace {
  readonly data: DataFolder;
  /** A broker on another machine, instead of the data folder's own. */
  readonly server?: string | undefined;
  /** Names the files that such a broker may want to see. */
  readonly env: Environment;
  /** The command, named to others that find the folder locked. */
  readonly command: string;
  /** Receives a sentence about what the command waits for. */
  readonly tell: (sentence: string) => void;
  /** Ends the wait for a broker. */
  readonly signal?: AbortSignal | undefined;
}

/** Where a command finds the log that its options name. */
export function logPlace(
  flags: Reach,
  { terminal, cwd, env }: Surroundings,
  command: string,
  signal?: AbortSignal,
): LogPlace {
  const data = dataFolder(flags.data, cwd);
  return { data, server: flags.server, env, command, tell: terminal.say, signal };
}

const NAME = 'setlist-cli';
const CONNECT_TIMEOUT_MS = 5_000;

/** @returns undefined if the data folder has no log yet @throws BrokerUnavailable, and as {@link brokerOf} */
export async function openLog(place: LogPlace): Promise<OpenedLog | undefined> {
  await using stack = new AsyncDisposableStack();
  const broker = await brokerOf(place, stack);
  if (broker === undefined) return undefined;
  const { url, access, live, system } = broker;
  const log = stack.use(await openUnlessStopped(connect(url, access), place.signal));
  const held = stack.move();
  return { log, data: place.data, live, system, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** The broker that has the log. */
interface LogBroker extends Pick<OpenedLog, 'live' | 'system'> {
  readonly url: string;
  /** Files that it may want to see; undefined for the data folder's own broker. */
  readonly access: BrokerAccess | undefined;
}

/**
 * If no system runs, locks the folder and starts a broker alone, both until the stack is disposed of.
 * @returns undefined if the data folder has no log yet
 * @throws BrokerNotFound, BrokerNotStarted, CommandFailed; Faults in the environment; the signal's reason
 */
export async function brokerOf(
  { data, server, env, command, tell, signal }: LogPlace,
  stack: AsyncDisposableStack,
): Promise<LogBroker | undefined> {
  if (server !== undefined) return { url: server, access: accessFrom(env), live: true, system: undefined };
  const system = await systemOf(data, signal);
  if (system) return { url: system.broker, access: undefined, live: true, system };
  if (!hasLog(data)) return undefined;
  stack.use(await takeFolder(data, { command, looks: true, tell, signal }));
  // The little that a command writes must survive a power cut: a cancellation, an adoption.
  const options = { storeDir: data.broker, logFile: data.brokerLog, flushes: true, tell, signal };
  const { url } = stack.use(await startBroker(options));
  return { url, access: undefined, live: false, system: undefined };
}

/** For commands that keep watching: nothing ever happens on a log that only this command has open. */
export function requireLive({ live, data }: OpenedLog, command: ToldCommand): void {
  if (!live)
    throw missing(`no system runs on ${data.path}`, `There is nothing to watch: start "${command('up')}".`);
}

/**
 * Connects to a broker with a short timeout, since a user waits at a terminal.
 * @param access for a broker elsewhere, which must have a log: a mistyped address must not leave one there
 */
export const connect = (servers: string, access?: BrokerAccess): Promise<EventLog> =>
  openEventLog({
    servers,
    access,
    mustExist: access !== undefined,
    name: NAME,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });

/** Waits for `opening` unless the signal aborts first; a resource that still opens afterwards is closed. */
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
