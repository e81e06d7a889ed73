/** How the commands that look after stored audio are said on the command line. */
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
    .summary('make audio that you have already known, so that nobody pays for it')
    .description(
      'Takes audio that lies in a folder or bucket under the names that sets give it, checks it, and keeps it as these sets’ sounds: a run of the sets then pays nothing for it. Your files stay as they are.',
    )
    .argument('<place>', 'what holds the sets’ prefixes: a folder, or s3://bucket/prefix')
    .addArgument(filesArgument())
    .addOption(providerOption('who made the audio; needed unless a system runs in this data folder'))
    .option('--dry-run', 'only look, and check the audio')
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
    .summary('list stored sounds that no set has used for long, and remove them')
    .description(
      'Lists the stored sounds that no set has used for a time, and what making them again would cost. Removes them where that is asked for. Files under the names that sets gave are never touched, nor sounds that a set still wants.',
    )
    .option('--unused-for <time>', 'how long no set has used a sound: 180d, 12h', '365d')
    .option('--delete', 'remove what is listed')
    .addOption(yesOption())
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(storeOption())
    .addOption(taskBucketOption('the bucket of Polly’s tasks, to look for left-overs in (TASK_BUCKET)'))
    .addOption(jsonOption('print a line of JSON for each file, and one for all'))
    .action(async (flags: GcFlags) => {
      const { gc } = await import('../commands/stored-audio/gc.ts');
      ended(await gc(flags, here));
    })
    .addHelpText('after', examples('setlist gc', 'setlist gc --unused-for 180d --delete'));

/** In the order in which the help shows them. */
export const STORE_COMMANDS = [adoptCommand, gcCommand] as const;
