/** How the commands that look back over the log are said on the command line. */
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
import { auditedStoreOption, dataOption, jsonOption, notEmpty, serverOption } from './options.ts';

const MOMENTS =
  'a sequence (4711), or a time (2026-11-22, which is its first moment, or 2026-11-22T06:00:00Z; without a zone it is UTC)';

export function replayCommand(here: Surroundings, ended: Ended): Command {
  return new Command('replay')
    .summary('print the events of the log, as CloudEvents')
    .description(
      'Prints the events of the log, or of one set, oldest first: each a line of JSON as it was stored (CloudEvents 1.0), with its sequence as `streamseq` and the broker’s time as `brokertime`. It changes nothing.',
    )
    .argument('[set]', SET)
    .option('--set <set>', 'the same as the argument')
    .addOption(
      new Option(
        '--type <type>',
        'only events of this type: ItemCompleted, or setlist.item.completed.v1; several with commas; may be repeated',
      ).argParser((types: string, before: readonly string[] = []) => [...before, ...types.split(',')]),
    )
    .option('--from <moment>', `begin at: ${MOMENTS}`)
    .option('--to <moment>', 'end with, in the same form; a day is included whole')
    .option('--follow', 'go on with what happens, until the end of --to or Ctrl-C')
    .option('--out <file>', 'write to a file in place of standard output', notEmpty)
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
    .summary('check the log, look into its past, archive and back it up')
    .description(
      'Looks back over the log. Only "verify --repair", "restore" and "archive" change anything, and say so.',
    )
    .helpCommand(false)
    .addCommand(verifyCommand(here, ended))
    .addCommand(asOfCommand(here, ended))
    .addCommand(exportCommand(here, ended))
    .addCommand(backupCommand(here, ended))
    .addCommand(restoreCommand(here, ended))
    .addCommand(archiveCommand(here, ended));
}

/** What says how the whole log is looked at, by the names that the parser has for it. */
const OF_THE_WHOLE_LOG = ['deep', 'audio', 'repair', 'store'];

function verifyCommand(here: Surroundings, ended: Ended): Command {
  return new Command('verify')
    .summary('check that the log, and everything derived from it, is consistent')
    .description(
      'Reads the whole log and finds what cannot be: gaps, repeats, events out of order, payments that contradict the ledger, broken hash chains; then holds projections, manifests and audio against it. Exit 0, or 1 with findings.',
    )
    .option('--deep', 'read all audio and hold it against its SHA-256, not only its size')
    .option('--no-audio', 'leave audio and manifests alone')
    .option(
      '--repair',
      'make anew what follows from the log alone: projections, manifests (no system may run)',
    )
    .addOption(
      new Option('--archive <file>', 'check an archive of "setlist audit export" instead, with nothing else')
        .argParser(notEmpty)
        .conflicts([...OF_THE_WHOLE_LOG, 'set']),
    )
    .addOption(
      new Option(
        '--head <hex>',
        'check that this hash chain head, quoted in a mail, belongs to this log (with --set or --archive)',
      ).conflicts(OF_THE_WHOLE_LOG),
    )
    .option('--set <set>', 'the set whose head it is')
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
    .summary('show how sets stood at a moment')
    .description('Shows how all sets stood at a moment of the past, or one set.')
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
    .summary('write a set to a file that proves itself')
    .description(
      'Writes a set’s events, manifest and set file to one archive, which "audit verify --archive" checks anywhere.',
    )
    .argument('<set>', SET)
    .option('--audio', 'include the audio')
    .option('--out <file>', 'the archive; SET-ID.tar.gz unless given', notEmpty)
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
      'Copies the log and the projections to a new folder, while a system runs or not. Audio is not part of it.',
    )
    .argument('<dir>', 'a new folder')
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
      'Makes the log and the projections of a backup anew, in a data folder that has no log or, with --server, on a broker that has none. Every file of the backup is checked first. Audio is not part of a backup: keep the store beside it.',
    )
    .argument('<dir>', 'the folder of the backup')
    .addOption(dataOption())
    .addOption(serverOption())
    .action(async (dir: string, flags: BackupFlags) => {
      const { auditRestore } = await import('../commands/audit/backup.ts');
      ended(await untilStopped(here, () => auditRestore(dir, flags, here)));
    });
}

function archiveCommand(here: Surroundings, ended: Ended): Command {
  return new Command('archive')
    .summary('move old sets to archives, and begin a new generation of the log')
    .description(
      'Writes every set that ended before a date to an archive, checks it, and makes a new generation of the log without them. What was paid stays known. No system may run; the old log is kept beside the new one until you delete it.',
    )
    .requiredOption('--before <date>', 'sets that ended before it')
    .requiredOption('--to <dir>', 'where the archives go', notEmpty)
    .option('--audio', 'include the audio in the archives')
    .option('--delete-old', 'delete the logs of earlier generations when all is done')
    .addOption(dataOption())
    .action(async (flags: ArchiveFlags) => {
      const { auditArchive } = await import('../commands/audit/archive.ts');
      ended(await untilUnwound(here, (signal) => auditArchive(flags, here, signal)));
    });
}
