/** The commands that manage stored audio, as they appear on the command line. */
import { Command } from 'commander';
import type { AdoptFlags } from '../commands/stored-audio/adopt.ts';
import type { GcFlags } from '../commands/stored-audio/gc.ts';
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
  yesOption,
} from './options.ts';

const adoptCommand = (here: Surroundings, ended: Ended): Command =>
  new Command('adopt')
    .summary('import audio you already have, so that it is not paid for again')
    .description(
      'Imports audio from a folder or bucket where it has the file names that the sets give it: checks it and stores it as the sets’ sounds, so that running the sets pays nothing for it. Your files stay as they are.',
    )
    .argument('<place>', 'the folder that holds the sets’ prefixes, or s3://bucket/prefix')
    .addArgument(filesArgument())
    .addOption(providerOption('who made the audio; required unless a system runs in this data folder'))
    .option('--dry-run', 'only check the audio, change nothing')
    .addOption(yesOption())
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(storeOption())
    .addOption(compatOption())
    .addOption(jsonOption('print a line of JSON for each item'))
    .action(async (from: string, files: string[], flags: AdoptFlags) => {
      const { adopt } = await import('../commands/stored-audio/adopt.ts');
      ended(await adopt(from, files, flags, here));
    })
    .addHelpText(
      'after',
      examples(
        'setlist adopt audio book.yml --provider polly --dry-run',
        'setlist adopt s3://my-bucket/out *.yml --provider polly --compat --yes',
      ),
    );

const gcCommand = (here: Surroundings, ended: Ended): Command =>
  new Command('gc')
    .summary('list or delete stored sounds that are no longer used')
    .description(
      'Lists the stored sounds that no set has used for a while, and what making them again would cost; --delete removes them. Never touches the audio files that sets delivered, or sounds that a set still needs.',
    )
    .option('--unused-for <time>', 'for how long no set has used a sound: 180d, 12h', '365d')
    .option('--delete', 'delete what is listed')
    .addOption(yesOption())
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(storeOption())
    .addOption(taskBucketOption('the bucket of Polly’s tasks, to check for leftovers too (TASK_BUCKET)'))
    .addOption(jsonOption('print a line of JSON for each file, and one summary'))
    .action(async (flags: GcFlags) => {
      const { gc } = await import('../commands/stored-audio/gc.ts');
      ended(await gc(flags, here));
    })
    .addHelpText('after', examples('setlist gc', 'setlist gc --unused-for 180d --delete'));

/** In the order the help shows them. */
export const STORE_COMMANDS = [adoptCommand, gcCommand] as const;
