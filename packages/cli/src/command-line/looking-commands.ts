/** The commands that only look, as they appear on the command line. */
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
    .summary('check set files')
    .description('Checks set files and reports every problem, with line, column and remedy.')
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
    .summary('show the progress of sets')
    .description(
      'Shows all sets, or one set with its items. Without a running system, shows what the last one left.',
    )
    .argument('[set]', SET)
    .addOption(
      new Option('--watch', 'keep watching until the set has ended, or until Ctrl-C').conflicts('failed'),
    )
    .option('--failed', 'show only the failed items, with reasons and remedies')
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(jsonOption('print a line of JSON for each set, or one line for the set with its items'))
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
      'Lists the voices of Amazon Polly by language, with their engines, as AWS documents them. Does not call AWS.',
    )
    .option('--language <code>', 'only voices that speak it: en, en-GB, cmn-CN')
    .addOption(new Option('--engine <name>', 'only voices of this engine').choices([...ENGINES]))
    .addOption(jsonOption('print a line of JSON for each voice'))
    .action(async (flags: VoicesFlags) => {
      const { voices } = await import('../commands/voices.ts');
      ended(await voices(flags, here));
    })
    .addHelpText('after', examples('setlist voices --language en', 'setlist voices --engine neural'));
}

export function doctorCommand(here: Surroundings, ended: Ended): Command {
  return new Command('doctor')
    .summary('check what Setlist needs on this machine')
    .description(
      'Checks what Setlist needs on this machine: Node, nats-server, folders, the local engine, a running system, credentials for Polly, channels for messages. Says how to get what is missing. Does not call Polly.',
    )
    .addOption(dataOption())
    .option('--fetch', 'get a missing nats-server from the Debian or Ubuntu of this machine, without root')
    .addOption(jsonOption('print the findings as one line of JSON'))
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('../commands/doctor.ts');
      ended(await doctor(flags, here));
    });
}
