/** How the commands that only look are said on the command line. */
import { ENGINES } from '@setlist/polly';
import { Command, Option } from 'commander';
import type { DoctorFlags } from '../commands/doctor.ts';
import type { StatusFlags } from '../commands/status.ts';
import type { ValidateFlags } from '../commands/validate.ts';
import type { VoicesFlags } from '../commands/voices.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Ended, examples, filesArgument, SET } from './command.ts';
import { compatOption, dataOption, jsonOption, serverOption } from './options.ts';

export function validateCommand(here: Surroundings, ended: Ended): Command {
  return new Command('validate')
    .summary('say everything that is wrong with set files')
    .description('Checks set files and says everything that is wrong, with line, column and remedy.')
    .addArgument(filesArgument())
    .addOption(compatOption())
    .addOption(jsonOption('print a line of JSON for each file'))
    .action(async (paths: string[], flags: ValidateFlags) => {
      const { validate } = await import('../commands/validate.ts');
      ended(await validate(paths, flags, here));
    })
    .addHelpText(
      'after',
      examples('setlist validate chapters/*.yml', 'setlist validate old-set.yml --compat'),
    );
}

export function statusCommand(here: Surroundings, ended: Ended): Command {
  return new Command('status')
    .summary('show how sets stand')
    .description('Shows all sets, or the items of one, of a running system or as the last one left them.')
    .argument('[set]', SET)
    .addOption(new Option('--watch', 'keep showing, until the set has ended or Ctrl-C').conflicts('failed'))
    .option('--failed', 'only the failed items, with reasons and remedies')
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(jsonOption('print JSON: a line for each set, or one with the items of the set'))
    .action(async (set: string | undefined, flags: StatusFlags) => {
      const { status } = await import('../commands/status.ts');
      ended(await status(set, flags, here));
    })
    .addHelpText(
      'after',
      examples('setlist status', 'setlist status romeo-juliet --failed', 'setlist status --watch'),
    );
}

export function voicesCommand(here: Surroundings, ended: Ended): Command {
  return new Command('voices')
    .summary('list voices by language and engine')
    .description(
      'Lists the voices of Amazon Polly as AWS documents them, by language, with the engines that each has. AWS is not asked.',
    )
    .option('--language <code>', 'only those that speak it: en, en-GB, cmn-CN')
    .addOption(new Option('--engine <name>', 'only those of one engine').choices([...ENGINES]))
    .addOption(jsonOption('print a line of JSON for each voice'))
    .action(async (flags: VoicesFlags) => {
      const { voices } = await import('../commands/voices.ts');
      ended(await voices(flags, here));
    })
    .addHelpText('after', examples('setlist voices --language en', 'setlist voices --engine neural'));
}

export function doctorCommand(here: Surroundings, ended: Ended): Command {
  return new Command('doctor')
    .summary('say what is missing here and how to get it')
    .description(
      'Looks for all that Setlist needs on this machine: Node, nats-server, folders, the local engine, a running system, credentials for Polly, channels for messages; says how to get what is missing. Polly is not called.',
    )
    .addOption(dataOption())
    .addOption(jsonOption('print the findings as one line of JSON'))
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('../commands/doctor.ts');
      ended(await doctor(flags, here));
    });
}
