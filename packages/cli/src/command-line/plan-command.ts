/** How `plan` is said on the command line. */
import { PROVIDERS } from '@setlist/contracts';
import { Argument, Command, Option } from 'commander';
import type { PlanFlags } from '../commands/plan.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import {
  compatOption,
  dataOption,
  jsonOption,
  serverOption,
  storeOption,
  taskBucketOption,
} from './options.ts';
import { freshOption, maxUsdOption } from './run-options.ts';

export const planCommand = (here: Surroundings, ended: (exitCode: ExitCode) => void): Command =>
  new Command('plan')
    .summary('say what set files would cost and take')
    .description(
      'Says what is new, changed, paid for already, or paid for and gone from the store; what the rest costs and how long it takes, and which files of the set’s last run this one would not write.\nNothing is spent. Exit code 2: the set may not cost what it would.',
    )
    .addArgument(new Argument('<file...>', 'set files: .yml, .yaml or .json'))
    .option('--items', 'show every item, not only the first that are to be paid')
    .addOption(freshOption())
    .addOption(maxUsdOption())
    .addOption(
      new Option(
        '--provider <name>',
        'who is to speak; the provider of the system that runs in the data folder, or else the local engine',
      ).choices([...PROVIDERS]),
    )
    .addOption(compatOption())
    .addOption(taskBucketOption())
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(storeOption())
    .addOption(jsonOption('print a line of JSON for each file, with all its items'))
    .action(async (paths: string[], flags: PlanFlags) => {
      const { plan } = await import('../commands/plan.ts');
      ended(await plan(paths, flags, here));
    })
    .addHelpText(
      'after',
      '\nExamples:\n  setlist plan book.yml --provider polly\n  setlist plan book.yml --provider polly --max-usd 5 --items\n  setlist plan book.yml --json',
    );
