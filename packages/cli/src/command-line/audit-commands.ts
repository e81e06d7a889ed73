/** The commands that look back over the log, as they appear on the command line. */
import { Command, Option } from 'commander';
import type { ArchiveFlags } from '../commands/audit/archive.ts';
import type { AsOfFlags } from '../commands/audit/as-of.ts';
import type { BackupFlags } from '../commands/audit/backup.ts';
import type { ExportFlags } from '../commands/audit/export.ts';
import type { ReplayFlags } from '../commands/audit/replay.ts';
import type { VerifyFlags } from '../commands/audit/verify.ts';
import { untilStopped, untilUnwound } from '../stopping.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Ended, examples, SET } from './command.ts';
import {
  auditedStoreOption,
  dataOption,
  diskPath,
  jsonOption,
  serverOption,
  storeOption,
} from './options.ts';

const MOMENTS =
  'an event number (4711) or a time (2026-11-22T06:00:00Z, or 2026-11-22 for the start of that day; UTC unless it names a zone)';

export function replayCommand(here: Surroundings, ended: Ended): Command {
  return new Command('replay')
    .summary('print the events of the log as CloudEvents')
    .description(
      'Prints the events of the log, or of one set, oldest first. Each is a line of JSON as it was stored (CloudEvents 1.0), with its number as `streamseq` and the broker’s time as `brokertime`. Changes nothing.',
    )
    .argument('[set]', SET)
    .option('--set <set>', 'same as the argument')
    .addOption(
      new Option(
        '--type <type>',
        'only events of these types, separated by commas: ItemCompleted or setlist.item.completed.v1; can be repeated',
      ).argParser((types: string, before: readonly string[] = []) => [...before, ...types.split(',')]),
    )
    .option('--from <moment>', `where to start: ${MOMENTS}`)
    .option('--to <moment>', 'where to end, in the same form; a day is included whole')
    .option('--follow', 'keep printing new events, until --to is reached or Ctrl-C')
    .option('--out <file>', 'write to a file instead of standard output', diskPath)
    .addOption(dataOption())
    .addOption(serverOption())
    .action(async (set: string | undefined, flags: ReplayFlags) => {
      const { replayLog } = await import('../commands/audit/replay.ts');
      ended(await replayLog(set, flags, here));
    })
    .addHelpText(
      'after',
      examples(
        'setlist replay romeo-juliet',
        'setlist replay --type SoundPaid --from 2026-11-01 --out paid.ndjson',
        'setlist replay --follow | jq .type',
      ),
    );
}

export function auditCommand(here: Surroundings, ended: Ended): Command {
  return new Command('audit')
    .summary('verify, inspect, archive and back up the log')
    .description('Looks back over the log. Only "verify --repair", "restore" and "archive" change anything.')
    .helpCommand(false)
    .addCommand(verifyCommand(here, ended))
    .addCommand(asOfCommand(here, ended))
    .addCommand(exportCommand(here, ended))
    .addCommand(backupCommand(here, ended))
    .addCommand(restoreCommand(here, ended))
    .addCommand(archiveCommand(here, ended));
}

/** The options that apply to the whole log only, by the parser's names for them. */
const OF_THE_WHOLE_LOG = ['deep', 'audio', 'repair', 'store'];

function verifyCommand(here: Surroundings, ended: Ended): Command {
  return new Command('verify')
    .summary('check that the log and everything derived from it are consistent')
    .description(
      'Reads the whole log and reports contradictions: gaps, repeats, events out of order, payments that contradict the ledger, broken hash chains. Then compares projections, manifests and audio with the log. Exits with 0, with 1 if there are faults, or else with 3 if a store could not be read.',
    )
    .option('--deep', 'compare all audio with its SHA-256, not only with its size')
    .option('--no-audio', 'don’t check audio and manifests')
    .option(
      '--repair',
      'rebuild what follows from the log alone, projections and manifests; stop the system first',
    )
    .addOption(
      new Option('--archive <file>', 'check an archive written by "setlist audit export" instead of the log')
        .argParser(diskPath)
        .conflicts([...OF_THE_WHOLE_LOG, 'set']),
    )
    .addOption(
      new Option(
        '--head <hex>',
        'check that this hash chain head, quoted in a message, belongs to this log (with --set or --archive)',
      ).conflicts(OF_THE_WHOLE_LOG),
    )
    .option('--set <set>', 'the set that the head belongs to')
    .addOption(auditedStoreOption())
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(jsonOption('print a line of JSON for each finding, and one for the verdict'))
    .action(async (flags: VerifyFlags) => {
      const { auditVerify } = await import('../commands/audit/verify.ts');
      ended(await auditVerify(flags, here));
    })
    .addHelpText(
      'after',
      examples(
        'setlist audit verify --deep',
        'setlist audit verify --archive tour.tar.gz',
        'setlist audit verify --set tour --head 3b0c…',
      ),
    );
}

function asOfCommand(here: Surroundings, ended: Ended): Command {
  return new Command('as-of')
    .summary('show the sets as of a moment in the past')
    .description('Shows all sets, or one set, as of a moment in the past.')
    .argument('<moment>', MOMENTS)
    .argument('[set]', SET)
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(jsonOption('print a line of JSON for each set'))
    .action(async (moment: string, set: string | undefined, flags: AsOfFlags) => {
      const { auditAsOf } = await import('../commands/audit/as-of.ts');
      ended(await untilStopped(here, () => auditAsOf(moment, set, flags, here)));
    })
    .addHelpText(
      'after',
      examples('setlist audit as-of 2026-11-22T06:00', 'setlist audit as-of 4711 romeo-juliet'),
    );
}

function exportCommand(here: Surroundings, ended: Ended): Command {
  return new Command('export')
    .summary('write a set to a self-verifying archive')
    .description(
      'Writes a set’s events, manifest and set file to one archive, which "audit verify --archive" can check anywhere.',
    )
    .argument('<set>', SET)
    .option('--audio', 'include the audio')
    .option('--out <file>', 'the archive to write; by default SET-ID.tar.gz', diskPath)
    .addOption(auditedStoreOption())
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(jsonOption('print a line of JSON'))
    .action(async (set: string, flags: ExportFlags) => {
      const { auditExport } = await import('../commands/audit/export.ts');
      ended(await untilUnwound(here, (signal) => auditExport(set, flags, here, signal)));
    });
}

function backupCommand(here: Surroundings, ended: Ended): Command {
  return new Command('backup')
    .summary('copy the log and its projections to a folder')
    .description(
      'Copies the log and the projections to a new folder, whether a system runs or not. Does not include audio.',
    )
    .argument('<dir>', 'a new folder', diskPath)
    .addOption(dataOption())
    .addOption(serverOption())
    .action(async (dir: string, flags: BackupFlags) => {
      const { auditBackup } = await import('../commands/audit/backup.ts');
      ended(await untilStopped(here, () => auditBackup(dir, flags, here)));
    });
}

function restoreCommand(here: Surroundings, ended: Ended): Command {
  return new Command('restore')
    .summary('restore a backup into a data folder that has no log')
    .description(
      'Restores the log and the projections into a data folder that has no log or, with --server, to a broker that has none. Checks every file of the backup first. A backup does not include audio: back up the store separately.',
    )
    .argument('<dir>', 'the folder of the backup', diskPath)
    .addOption(dataOption())
    .addOption(serverOption())
    .action(async (dir: string, flags: BackupFlags) => {
      const { auditRestore } = await import('../commands/audit/backup.ts');
      ended(await untilStopped(here, () => auditRestore(dir, flags, here)));
    });
}

function archiveCommand(here: Surroundings, ended: Ended): Command {
  return new Command('archive')
    .summary('move old sets to archives, and start a new generation of the log')
    .description(
      'Writes each set that ended before a date to an archive, verifies it, and starts a new generation of the log without these sets. The record of what was paid for is kept. Stop the system first. The old log stays beside the new one until you delete it.',
    )
    .option('--before <date>', 'archive the sets that ended before this date')
    .option('--to <dir>', 'where the archives go', diskPath)
    .option('--audio', 'include the audio in the archives')
    .option('--delete-old', 'finally delete the logs of earlier generations; by itself, do only that')
    .addOption(storeOption())
    .addOption(dataOption())
    .action(async (flags: ArchiveFlags) => {
      const { auditArchive } = await import('../commands/audit/archive.ts');
      ended(await untilUnwound(here, (signal) => auditArchive(flags, here, signal)));
    });
}
