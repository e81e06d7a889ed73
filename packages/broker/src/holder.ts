/**
 * Finds the broker that holds a store. A killed process of ours leaves its broker running, and two servers on one store
 * would corrupt it, so the next start on the store first ends that broker. A server that is up has left its process id
 * in the store, even if the store was moved since. One that is not up yet is found among the system's processes by its
 * configuration, since its starter can be killed before it has recorded anything.
 */
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokerNotStarted } from './errors.ts';
import { isHere, type ProcessSpace, spaceHere } from './process-space.ts';
import { inspect, processIds } from './running-process.ts';

interface RunningBroker {
  readonly pid: number;
  readonly parent: number;
  readonly configFile: string;
}

interface Starter {
  readonly startedBy: number;
  /** Missing in files of earlier versions. */
  readonly space?: ProcessSpace;
}

const STARTER_FILE = 'holder.json';
const END_DEADLINE_MS = 10_000;
const END_POLL_MS = 20;

/** The configuration file of the store's broker, by which its process is recognized. */
export const configFileOf = (storeDir: string): string => join(storeDir, 'nats-server.conf');

/** The folder in which the store's broker writes its port, to a file that is named after its process. */
export const portsFolderOf = (storeDir: string): string => join(storeDir, 'ports');

/** Records that this process is about to start the store's broker. */
export function recordStarter(storeDir: string): void {
  const starter: Starter = { startedBy: process.pid, space: spaceHere() };
  writeFileSync(join(storeDir, STARTER_FILE), JSON.stringify(starter));
}

/**
 * Ends brokers on the store whose starter is gone, which the system shows by giving them another parent.
 * @throws BrokerNotStarted if the starter still runs, or it is unclear whose the broker is: the store may be in use
 */
export async function endLeftover(storeDir: string): Promise<void> {
  if (!existsSync(storeDir)) return;
  const starter = readStarter(storeDir);
  for (const find of [brokersNamedIn, brokersConfiguredIn]) {
    for (const broker of find(realpathSync(storeDir))) {
      requireLeft(storeDir, broker, starter);
      await end(broker.pid);
    }
  }
}

function requireLeft(storeDir: string, { pid, parent }: RunningBroker, starter: Starter | undefined): void {
  const isElsewhere = starter?.space !== undefined && !isHere(starter.space);
  if (!isElsewhere && parent !== starter?.startedBy) return;
  const whose = isElsewhere
    ? `which was started in another container or on another machine (${starter.space.host})`
    : `which process ${starter?.startedBy} runs`;
  throw new BrokerNotStarted(
    `The store ${storeDir} is in use by nats-server (process ${pid}), ${whose}. ` +
      'Stop that process, or choose another folder for this one.',
  );
}

/** Finds brokers by the ports files in the store, which the brokers wrote themselves. */
function brokersNamedIn(storeDir: string): RunningBroker[] {
  const folder = portsFolderOf(storeDir);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const pid = Number(/^nats-server_(\d+)\.ports$/.exec(name)?.[1]);
    const broker = Number.isNaN(pid) ? undefined : brokerAt(pid);
    return broker && isOf(join(folder, name), broker) ? [broker] : [];
  });
}

/**
 * Whether this process is the broker that wrote the ports file. The process id may belong to another broker by now, or
 * come from another container; but that broker has its own ports file beside its own configuration. Ours has this very
 * file there, unless the store was moved.
 */
function isOf(portsFile: string, { pid, configFile }: RunningBroker): boolean {
  const besideConfig = join(portsFolderOf(dirname(configFile)), `nats-server_${pid}.ports`);
  const itsOwn = statIfThere(besideConfig);
  if (itsOwn) return isSameFile(itsOwn, statSync(portsFile));
  if (!existsSync(configFile)) return true;
  throw new BrokerNotStarted(
    `By ${portsFile}, nats-server (process ${pid}) may hold this store, though it runs with ${configFile}. ` +
      'Stop that process or, if it does not belong to Setlist, remove the first file.',
  );
}

const statIfThere = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

const isSameFile = (one: Stats, other: Stats): boolean => one.dev === other.dev && one.ino === other.ino;

/** Finds brokers by the path of their configuration; none where the system has no /proc (not Linux). */
function brokersConfiguredIn(storeDir: string): RunningBroker[] {
  const configFile = configFileOf(storeDir);
  const ours = statIfThere(configFile);
  return processIds().flatMap((pid) => {
    const broker = brokerAt(pid);
    if (ours === undefined || broker?.configFile !== configFile) return [];
    // For a process in a container, or with its own mounts, the same path can be another file.
    const its = statIfThere(join('/proc', String(pid), 'root', configFile));
    return its && isSameFile(its, ours) ? [broker] : [];
  });
}

/** Undefined if there is no such process, or it is not a broker that was started the way ours are. */
function brokerAt(pid: number): RunningBroker | undefined {
  const running = inspect(pid);
  const configFile = /^(?:.*\/)?nats-server --config (.+)$/s.exec(running?.command ?? '')?.[1];
  return running && configFile !== undefined ? { pid, parent: running.parent, configFile } : undefined;
}

async function end(pid: number): Promise<void> {
  const deadline = performance.now() + END_DEADLINE_MS;
  signal(pid, 'SIGTERM');
  while (inspect(pid) !== undefined) {
    if (performance.now() > deadline) signal(pid, 'SIGKILL');
    await pause(END_POLL_MS);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readStarter(storeDir: string): Starter | undefined {
  try {
    return JSON.parse(readFileSync(join(storeDir, STARTER_FILE), 'utf8')) as Starter;
  } catch (error) {
    // A record truncated by a crash counts as missing.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
