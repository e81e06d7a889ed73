/** `setlist audit backup` and `restore`: copy the log and its projections to a folder, and back. */
import { rename } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type BackedUp, type Backup, backUp, readBackup, restoreBackup } from '@setlist/audit';
import { startBroker } from '@setlist/broker';
import { countOf } from '@setlist/contracts';
import { accessFrom, openMaintenance, replicasFrom } from '@setlist/eventlog';
import { flushFolder, flushTree } from '@setlist/storage';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { refused } from '../../failure.ts';
import { noLog } from '../../not-found-errors.ts';
import type { Terminal } from '../../output/text/terminal.ts';
import { commandsFor, type Reach } from '../../output/text/told-command.ts';
import type { Surroundings } from '../../surroundings.ts';
import { type DataFolder, dataFolder } from '../../system/folder/data-folder.ts';
import { hasLog, takeFolder } from '../../system/folder/take-folder.ts';
import { openWorkFolder } from '../../system/folder/work-folder.ts';
import { brokerOf, logPlace } from '../../system/open-log.ts';

export type BackupFlags = Reach;

const NAME = 'setlist-cli';

export async function auditBackup(dir: string, flags: BackupFlags, here: Surroundings): Promise<ExitCode> {
  const place = logPlace(flags, here, 'setlist audit backup');
  await using stack = new AsyncDisposableStack();
  const found = await brokerOf(place, stack);
  if (found === undefined) throw noLog(place.data.path);
  const { url: servers, access } = found;
  const broker = stack.use(await openMaintenance({ servers, access, name: NAME, mustExist: true }));
  const folder = resolve(here.cwd, dir);
  tell(await backUp(broker, folder, new Date()), `in ${folder}`, here.terminal);
  return EXIT.done;
}

export async function auditRestore(
  dir: string,
  flags: BackupFlags,
  { terminal, cwd, env }: Surroundings,
): Promise<ExitCode> {
  const data = dataFolder(flags.data, cwd);
  if (flags.server === undefined && hasLog(data)) {
    throw refused(`${data.path} already has a log`, 'Restore into a new data folder: --data NEW-FOLDER.');
  }
  const backup = await readBackup(resolve(cwd, dir));
  if (flags.server === undefined) tell(await restoreAt(data, backup, terminal), 'restored', terminal);
  else await restoreInto(flags.server, backup, { terminal, env });
  const command = commandsFor(flags);
  const store = flags.server === undefined ? '' : ' --store STORE';
  const adopting = command(`adopt OUTPUT SET-FILE… --provider polly${store}`);
  terminal.say(`"${command('audit verify')}" checks that it is consistent, and that the audio is there.`);
  terminal.say(
    `The backup is of ${backup.takenAt}: what was paid for or accepted since then is not in it. Before you start anything that pays, import the audio made since then with "${adopting}"; otherwise it is paid for again. Then submit again the set files that were accepted since then.`,
  );
  return EXIT.done;
}

/** Says how many copies a cluster keeps of each stream: it can't be seen from the backup. */
async function restoreInto(
  servers: string,
  backup: Backup,
  { terminal, env }: Pick<Surroundings, 'terminal' | 'env'>,
): Promise<void> {
  const options = { servers, access: accessFrom(env), name: NAME, replicas: replicasFrom(env) };
  await using broker = await openMaintenance(options);
  for (const restored of await restoreBackup(broker, backup)) {
    const copies = countOf(await broker.copiesOf(restored.stream), 'copy', 'copies');
    tell([restored], `restored in ${copies}`, terminal);
  }
}

/** Moves the log to its place only once it is whole, so that a partial one is never mistaken for it. */
async function restoreAt(data: DataFolder, backup: Backup, { say }: Terminal): Promise<BackedUp[]> {
  using lock = await takeFolder(data, { command: 'setlist audit restore', tell: say });
  await using work = await openWorkFolder(data, 'restore', lock);
  const restored = await restoreWith(work.broker, data, backup);
  // nats-server does not flush what it restores, however often it syncs.
  await flushTree(work.broker);
  lock.look();
  lock.lost.throwIfAborted();
  await rename(work.broker, data.broker);
  await flushFolder(data.path);
  return restored;
}

async function restoreWith(storeDir: string, data: DataFolder, backup: Backup): Promise<BackedUp[]> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await startBroker({ storeDir, logFile: data.brokerLog }));
  return await restoreBackup(stack.use(await openMaintenance({ servers: url, name: NAME })), backup);
}

function tell(streams: readonly BackedUp[], where: string, terminal: Terminal): void {
  for (const { stream, messages, lastSeq } of streams) {
    terminal.print(`${stream}: ${countOf(messages, 'message')} up to ${lastSeq}, ${where}`);
  }
}
