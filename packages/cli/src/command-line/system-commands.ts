/** The commands that run a system, or hand files to one, as they appear on the command line. */
import { Command } from 'commander';
import type { RunFlags } from '../commands/run.ts';
import type { SubmitFlags } from '../commands/submit.ts';
import type { UpFlags } from '../commands/up.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Ended, examples, filesArgument } from './command.ts';
import {
  compatOption,
  consolePortOption,
  dataOption,
  jsonOption,
  noConsoleOption,
  notEmpty,
  providerOption,
  quotasOption,
  regionOption,
  serverOption,
  taskBucketOption,
} from './options.ts';
import { withRunOptions } from './run-options.ts';

function withSystemOptions(command: Command): Command {
  return command
    .addOption(dataOption())
    .addOption(
      providerOption('who makes the audio: the local engine, which is free, or Amazon Polly').default(
        'local',
      ),
    )
    .addOption(compatOption())
    .addOption(quotasOption())
    .addOption(regionOption())
    .addOption(taskBucketOption())
    .addOption(noConsoleOption())
    .addOption(consolePortOption());
}

function runCommand(here: Surroundings, ended: Ended): Command {
  return withSystemOptions(
    withRunOptions(new Command('run'))
      .summary('make the audio of set files, then exit')
      .description(
        'Makes the audio of set files with its own broker and engine, and exits when they are done.\nReuses audio that is paid for and still in the store, so run it as often as you like.',
      )
      .addArgument(filesArgument())
      .option('--out <place>', 'where the audio goes: a folder, or s3://bucket/prefix', notEmpty, 'out')
      .addOption(jsonOption('print only one line of JSON for each set on standard output, at the end'))
      .action(async (paths: string[], flags: RunFlags) => {
        const { run } = await import('../commands/run.ts');
        ended(await run(paths, flags, here));
      })
      .addHelpText(
        'after',
        examples(
          'setlist run samples/romeo-juliet.yml',
          'setlist run chapters/*.yml --out audio --json',
          'setlist run prompts.yml --provider polly --region eu-central-1 --max-usd 5',
        ),
      ),
  );
}

function upCommand(here: Surroundings, ended: Ended): Command {
  return withSystemOptions(
    new Command('up')
      .summary('run the whole system and watch a folder until stopped')
      .description('Runs the whole system: set files dropped into the inbox come out as audio in the outbox.')
      .option('--inbox <place>', 'where set files arrive: a folder, or s3://bucket/prefix', notEmpty, 'inbox')
      .option('--outbox <place>', 'where the audio goes: a folder, or s3://bucket/prefix', notEmpty, 'outbox')
      .action(async (flags: UpFlags) => {
        const { up } = await import('../commands/up.ts');
        ended(await up(flags, here));
      })
      .addHelpText(
        'after',
        examples(
          'setlist up',
          'setlist up --inbox drop --outbox audio --compat',
          'setlist up --inbox s3://my-sets/in',
        ),
      ),
  );
}

function submitCommand(here: Surroundings, ended: Ended): Command {
  return withRunOptions(new Command('submit'))
    .summary('hand set files to a running system')
    .description(
      'Checks set files, hands them to the system started by "setlist up", and prints their set ids once they are accepted. With --inbox for another machine and no --server, it prints the ids at once.',
    )
    .addArgument(filesArgument())
    .option('--wait', 'wait until the sets have ended, and show their progress')
    .option(
      '--inbox <dir>',
      'the folder that the system watches; needed only for a system on another machine',
      notEmpty,
    )
    .addOption(serverOption())
    .addOption(dataOption())
    .addOption(compatOption())
    .addOption(jsonOption('print a line of JSON for each set'))
    .action(async (paths: string[], flags: SubmitFlags) => {
      const { submit } = await import('../commands/submit.ts');
      ended(await submit(paths, flags, here));
    })
    .addHelpText(
      'after',
      examples(
        'setlist submit chapter-1.yml --wait',
        'setlist submit chapter-1.yml --inbox /srv/setlist/inbox --server nats://broker:4222 --wait',
      ),
    );
}

/** In the order the help shows them. */
export const SYSTEM_COMMANDS = [runCommand, upCommand, submitCommand] as const;
