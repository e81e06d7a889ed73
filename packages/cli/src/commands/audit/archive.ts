/** `setlist audit archive`: moves old sets to archives, and the rest of the log to its next generation. */
import { readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  backUp,
  beginGeneration,
  exportSet,
  type Finding,
  forgetProjections,
  type Holds,
  type KeptBack,
  setsToArchive,
  verify,
  verifyArchive,
} from '@setlist/audit';
import { startBroker } from '@setlist/broker';
import { countOf, shellWord } from '@setlist/contracts';
import { type EventLog, openEventLog, openMaintenance } from '@setlist/eventlog';
import { unlessAborted } from '@setlist/runtime';
import { flushFolder, flushTree } from '@setlist/storage';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { missing, refused } from '../../failure.ts';
import { noLog } from '../../not-found-errors.ts';
import type { Terminal } from '../../output/text/terminal.ts';
import { commandsFor } from '../../output/text/told-command.ts';
import type { Surroundings } from '../../surroundings.ts';
import { type DataFolder, dataFolder } from '../../system/folder/data-folder.ts';
import type { Lock } from '../../system/folder/lock.ts';
import { hasLog, nextLog, takeFolder } from '../../system/folder/take-folder.ts';
import { openWorkFolder, type WorkFolder } from '../../system/folder/work-folder.ts';
import { storeNamed, storesFrom } from '../stores.ts';
import { leastAt, momentOf } from './places.ts';

export interface ArchiveFlags {
  readonly data: string;
  readonly before?: string;
  readonly to?: string;
  readonly audio?: boolean;
  readonly store?: string;
  readonly deleteOld?: boolean;
}

interface Job {
  readonly data: DataFolder;
  /** Where the archives go, absolute. */
  readonly to: string;
  readonly before: Date;
  readonly audio: boolean;
  /** Where set files and canonical audio are kept. */
  readonly store: string;
  readonly storeAt: ReturnType<typeof storesFrom>;
  readonly terminal: Terminal;
  /** The command that reports everything wrong with the log. */
  readonly verifying: string;
  /** The command that deletes the logs of earlier generations. */
  readonly deleting: string;
  readonly lock: Lock;
  /** Checked between steps, for the last time before the first rename. Also aborts when the lock is lost. */
  readonly signal: AbortSignal;
}

const COMMAND = 'setlist audit archive';
/** The name of a log that a later generation has replaced. */
const OLD_LOG = /^broker\.generation-\d+$/;

/** Changes nothing until every archive has been verified and the new log has passed its audit. */
export async function auditArchive(
  flags: ArchiveFlags,
  { terminal, cwd, env }: Surroundings,
  signal: AbortSignal,
): Promise<ExitCode> {
  const data = dataFolder(flags.data, cwd);
  const wanted = wantedOf(flags);
  using lock = await takeFolder(data, { command: COMMAND, tell: terminal.say, signal });
  if (!hasLog(data)) throw noLog(data.path, 'Name the data folder with --data.');
  if (wanted === undefined) {
    await deleteOldLogs(data, terminal);
    return EXIT.done;
  }
  const { before, to } = wanted;
  const job = {
    data,
    to: resolve(cwd, to),
    before,
    audio: flags.audio ?? false,
    store: flags.store === undefined ? data.store : storeNamed('--store', flags.store, cwd),
    storeAt: storesFrom({ env, cwd }),
    terminal,
    verifying: commandsFor(flags)(
      flags.store === undefined ? 'audit verify' : `audit verify --store ${shellWord(flags.store)}`,
    ),
    deleting: commandsFor(flags)('audit archive --delete-old'),
    lock,
    signal: AbortSignal.any([signal, lock.lost]),
  };
  terminal.print(`Sets that ended before ${before.toISOString()}:`);
  {
    await using work = await openWorkFolder(data, 'archive', lock);
    const taken = await archiveSets(job, join(work.path, 'backup'));
    if (taken.sets.length === 0) terminal.print('No set to archive: the log stays as it is.');
    else await swapLogs(job, taken, work);
  }
  if (flags.deleteOld) await deleteOldLogs(data, terminal);
  return EXIT.done;
}

/** What to archive, and where to; `undefined` where only old logs are to be deleted. */
function wantedOf(flags: ArchiveFlags): { before: Date; to: string } | undefined {
  const { before, to, deleteOld } = flags;
  if (before === undefined && to === undefined && deleteOld) return undefined;
  if (before === undefined || to === undefined) {
    throw refused(
      'sets are archived with both --before and --to',
      `Write "${commandsFor(flags)('audit archive --before DATE --to FOLDER')}"; --delete-old alone deletes the logs of earlier generations.`,
    );
  }
  const moment = momentOf(before, '--before');
  if (!('time' in moment)) throw refused('--before takes a date', 'Write a date such as 2026-11-01.');
  return { before: moment.time, to };
}

interface Taken {
  readonly sets: readonly string[];
  readonly generation: number;
}

/** Writes and verifies the archives, then backs up the log for the swap. */
async function archiveSets(job: Job, backup: string): Promise<Taken> {
  const { data, to, before, audio, store, storeAt, terminal, verifying, signal } = job;
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await brokerIn(job, data.broker));
  const log = stack.use(await openEventLog({ servers: url, name: COMMAND }));
  await unlessAborted(requireSound(log, 'the log', verifying), signal);
  const { sets, keptBack } = await setsToArchive(log, before);
  for (const set of keptBack) terminal.print(`${set.setId} stays in the log: ${whyKept(set)}.`);
  const planned: { setId: string; file: string; least: Holds }[] = [];
  for (const setId of sets) {
    const file = join(to, `${setId}.tar.gz`);
    const least = await leastAt(file, { log, setId, signal });
    planned.push({ setId, file, least });
  }
  for (const { setId, file, least } of planned) {
    const outputAt = audio ? storeAt : undefined;
    const now = new Date(log.clock.now());
    const { events, missing: left } = await exportSet(setId, file, {
      log,
      store: storeAt(store),
      outputAt,
      least,
      now,
      signal,
    });
    // What was left out is said below, by its path.
    const onFinding = ({ level, what }: Finding): void => {
      if (level === 'fault') terminal.say(what);
    };
    const { faults } = await verifyArchive(file, { onFinding, signal });
    if (faults > 0)
      throw missing(`${file} failed its verification`, `The log stays as it is: run "${verifying}".`);
    terminal.print(`${file}: ${countOf(events, 'event')}`);
    for (const path of left) terminal.say(`not included, since it is gone or has changed: ${path}`);
  }
  signal.throwIfAborted();
  if (sets.length > 0) {
    const broker = stack.use(await openMaintenance({ servers: url, name: COMMAND }));
    await backUp(broker, backup, new Date());
  }
  return { sets, generation: (await log.extent()).generation };
}

function whyKept({ because }: KeptBack): string {
  if ('earlier' in because)
    return `${because.earlier}, accepted before it, stays in the log and may write the same files`;
  return `once the system runs again, ${TO_COME[because.toCome]}`;
}

const TO_COME = {
  requests: 'ingest must request the rest of its items, since it was cancelled halfway through them',
  notices: 'the notifier may have to send a message about it',
  manifest: 'a tracker may have to write its manifest',
} as const;

/** Makes the next generation beside the log, audits it, and puts it in the log's place. */
async function swapLogs(job: Job, { sets, generation }: Taken, work: WorkFolder): Promise<void> {
  const { data, terminal, verifying, deleting, lock, signal } = job;
  let leftOut = 0;
  {
    await using stack = new AsyncDisposableStack();
    signal.throwIfAborted();
    const { url } = stack.use(await brokerIn(job, work.broker));
    const broker = stack.use(await openMaintenance({ servers: url, name: COMMAND }));
    leftOut = await beginGeneration(broker, join(work.path, 'backup'), sets);
    const log = stack.use(await openEventLog({ servers: url, name: COMMAND }));
    await forgetProjections(log, sets);
    await unlessAborted(requireSound(log, 'the new generation', verifying), signal);
  }
  // The old log can be deleted right afterwards, and nats-server does not flush what it restores, however often it syncs.
  await flushTree(work.broker);
  lock.look();
  signal.throwIfAborted();
  const old = `${data.broker}.generation-${generation}`;
  await rename(work.broker, nextLog(data));
  await rename(data.broker, old);
  await rename(nextLog(data), data.broker);
  terminal.print(
    `${countOf(sets.length, 'set')} archived; generation ${generation + 1} of the log has ${countOf(leftOut, 'event')} fewer.`,
  );
  terminal.print(`The previous log is kept in ${old}; "${deleting}" deletes it.`);
}

async function requireSound(log: EventLog, what: string, verifying: string): Promise<void> {
  let first: Finding | undefined;
  const onFinding = (finding: Finding): void => {
    if (finding.level === 'fault') first ??= finding;
  };
  const { faults } = await verify({ log, live: false, onFinding });
  if (faults === 0) return;
  const remedy = `Nothing was changed. "${verifying}" shows everything that is wrong, and what to do.`;
  throw missing(`${what} fails its audit: ${first?.code}: ${first?.what}`, remedy);
}

const brokerIn = ({ data, terminal, signal }: Job, storeDir: string) =>
  startBroker({ storeDir, logFile: data.brokerLog, tell: terminal.say, signal });

async function deleteOldLogs(data: DataFolder, terminal: Terminal): Promise<void> {
  // The new log's name has to last before the old log goes.
  await flushFolder(data.path);
  const old = readdirSync(data.path).filter((entry) => OLD_LOG.test(entry));
  if (old.length === 0) terminal.print('There is no log of an earlier generation.');
  for (const name of old) {
    await rm(join(data.path, name), { recursive: true, force: true });
    terminal.print(`${join(data.path, name)} deleted`);
  }
}
