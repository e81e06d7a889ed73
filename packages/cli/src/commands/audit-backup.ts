/** `setlist audit backup` and `restore`: the log and its projections to a folder, and back. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BackedUp, backUp, readBackup, restoreBackup } from '@setlist/audit';
import { startBroker } from '@setlist/broker';
import { openMaintenance } from '@setlist/eventlog';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { missing, refused } from '../failure.ts';
import { countOf } from '../output/figures.ts';
import type { Terminal } from '../output/terminal.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DataFolder, dataFolder } from '../system/data-folder.ts';
import { takeLock } from '../system/lock.ts';
import { runningSystem } from '../system/system-note.ts';
import type { LogFlags } from './audit-places.ts';

export type BackupFlags = LogFlags;

const NAME = 'setlist-cli';

export async function auditBackup(
  dir: string,
  flags: BackupFlags,
  { terminal, cwd }: Surroundings,
): Promise<ExitCode> {
  const data = dataFolder(flags.data, cwd);
  await using stack = new AsyncDisposableStack();
  const running = flags.server ?? runningSystem(data)?.broker;
  if (running === undefined && !existsSync(data.broker)) {
    throw missing(
      `there is no log in ${data.path} yet`,
      'Name the data folder with --data, or a broker with --server.',
    );
  }
  const servers = running ?? (await brokerOn(data, 'setlist audit backup', stack));
  const broker = stack.use(await openMaintenance({ servers, name: NAME }));
  const folder = resolve(cwd, dir);
  tell(await backUp(broker, folder, new Date()), `in ${folder}`, terminal);
  return EXIT.done;
}

export async function auditRestore(
  dir: string,
  flags: BackupFlags,
  { terminal, cwd }: Surroundings,
): Promise<ExitCode> {
  const data = dataFolder(flags.data, cwd);
  await using stack = new AsyncDisposableStack();
  if (flags.server === undefined && existsSync(data.broker)) {
    throw refused(
      `${data.path} has a log already`,
      'Restore into a data folder of its own: --data NEW-FOLDER.',
    );
  }
  // First of all: a broker that is started leaves a folder behind, which the next try would take for a log.
  const backup = await readBackup(resolve(cwd, dir));
  const servers = flags.server ?? (await brokerOn(data, 'setlist audit restore', stack));
  const broker = stack.use(await openMaintenance({ servers, name: NAME }));
  tell(await restoreBackup(broker, backup), `restored`, terminal);
  terminal.say('"setlist audit verify" holds it against itself and against the audio.');
  return EXIT.done;
}

async function brokerOn(data: DataFolder, command: string, stack: AsyncDisposableStack): Promise<string> {
  stack.use(takeLock(data.path, command));
  const logFile = join(data.logs, 'nats-server.log');
  return stack.use(await startBroker({ storeDir: data.broker, logFile })).url;
}

function tell(streams: readonly BackedUp[], where: string, terminal: Terminal): void {
  for (const { stream, messages, lastSeq } of streams) {
    terminal.print(`${stream}: ${countOf(messages, 'message')} up to ${lastSeq}, ${where}`);
  }
}
