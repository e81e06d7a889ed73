/** `plan`, as it appears on the command line. */
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
    .summary('estimate cost and time of set files')
    .description(
      'Shows which items are new, changed, already paid for, or paid for but gone from the store; the cost and time of making the missing ones; and which files of the set’s last run this one would no longer write.\nSpends nothing. Exits with 2 if the set would be refused, because of its cost or because this installation can’t make it.',
    )
    .addArgument(filesArgument())
    .option('--items', 'show every item, not only the first ones to pay for')
    .addOption(freshOption())
    .addOption(maxUsdOption())
    .addOption(
      providerOption(
        'who makes the audio; by default the provider of the system running in the data folder, else the local engine',
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
