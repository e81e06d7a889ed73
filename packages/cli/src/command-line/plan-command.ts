/** How `plan` is said on the command line. */
import { Command } from 'commander';
import type { PlanFlags } from '../commands/plan.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Ended, examples, filesArgument } from './command.ts';
import {
  compatOption,
  dataOption,
  jsonOption,
  providerOption,
  serverOption,
  storeOption,
  taskBucketOption,
} from './options.ts';
import { freshOption, maxUsdOption } from './run-options.ts';

export const planCommand = (here: Surroundings, ended: Ended): Command =>
  new Command('plan')
    .summary('say what set files would cost and take')
    .description(
      'Says which items are new, changed, already paid for, or paid for but gone from the store; what making the missing ones costs and how long it takes; and which files of the set’s last run this one would no longer write.\nNothing is spent. Exit code 2: the set would be refused, for what it costs or for what this installation can’t do.',
    )
    .addArgument(filesArgument())
    .option('--items', 'show every item, not only the first that are to be paid')
    .addOption(freshOption())
    .addOption(maxUsdOption())
    .addOption(
      providerOption(
        'who is to speak; the provider of the system that runs in the data folder, or else the local engine',
      ),
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
      examples(
        'setlist plan book.yml --provider polly',
        'setlist plan book.yml --provider polly --max-usd 5 --items',
        'setlist plan book.yml --json',
      ),
    );
