/**
 * What can be said on the command line: every command with its options, explained by examples. A command's own code is
 * loaded when it is called, so that those that need no broker and no SDK don't wait for them.
 */

import { readFileSync } from 'node:fs';
import { ENGINES } from '@setlist/polly';
import { Argument, Command, Option } from 'commander';
import type { DoctorFlags } from '../commands/doctor.ts';
import type { RunFlags } from '../commands/run.ts';
import type { StatusFlags } from '../commands/status.ts';
import type { SubmitFlags } from '../commands/submit.ts';
import type { UpFlags } from '../commands/up.ts';
import type { ValidateFlags } from '../commands/validate.ts';
import type { VoicesFlags } from '../commands/voices.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import { auditCommand, replayCommand } from './audit-commands.ts';
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
import { planCommand } from './plan-command.ts';
import { withRunOptions } from './run-options.ts';
import { STEERING_COMMANDS } from './steering-commands.ts';
import { STORE_COMMANDS } from './store-commands.ts';

/** Takes the exit code of the command that ran. */
export type Ended = (exitCode: ExitCode) => void;

const EXIT_CODES = `Exit codes: 0 all done, 1 some items failed, 2 refused, 3 something it needs is missing or down,
4 cancelled, 130 stopped by Ctrl-C (a second one kills; the work goes on at the next start), 141 nobody reads any more.`;

/** Beside the code, in a clone as in the published package. */
const versionHere = (): string => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};

export function commandLine(here: Surroundings, ended: Ended): Command {
  const { terminal } = here;
  const program = new Command('setlist');
  program
    .description('Turns files of phrases into audio, by Amazon Polly or a local engine that speaks its API.')
    .helpCommand('help [command]', 'show what a command does, as "setlist COMMAND --help" does')
    .version(versionHere(), '--version', 'print the version')
    .showHelpAfterError('("setlist --help" and "setlist COMMAND --help" show what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text, 'stdout'),
      writeErr: (text) => terminal.write(text, 'stderr'),
    })
    .addHelpText('after', `\n${EXIT_CODES}`);
  for (const command of COMMANDS) program.addCommand(settled(command(here, ended), program));
  return program;
}

/** A command, and those below it, that behave as the program does. */
function settled(command: Command, program: Command): Command {
  for (const below of command.commands) settled(below, program);
  return command.copyInheritedSettings(program);
}

const files = () => new Argument('<file...>', 'set files: .yml, .yaml or .json');

const examples = (...lines: readonly string[]): string =>
  ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');

function withSystemOptions(command: Command): Command {
  return command
    .addOption(dataOption())
    .addOption(providerOption())
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
      .summary('make the audio of set files: the whole system in one go')
      .description(
        'Makes the audio of set files, with a broker and an engine of its own, and ends when they are done.\nWhat was paid for once is never paid again: run it as often as you like.',
      )
      .addArgument(files())
      .option('--out <dir>', 'where the audio goes: a folder, or s3://bucket/prefix', notEmpty, 'out')
      .addOption(
        jsonOption('end with one line of JSON for each set, and print nothing else on standard output'),
      )
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
      .summary('run the whole system, watching a folder, until stopped')
      .description('Runs the whole system: set files dropped into the inbox come out as audio in the outbox.')
      .option('--inbox <place>', 'what to watch: a folder, or s3://bucket/prefix', notEmpty, 'inbox')
      .option('--outbox <dir>', 'where the audio goes: a folder, or s3://bucket/prefix', notEmpty, 'outbox')
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
      'Checks set files and hands them to the system that "setlist up" runs; prints their set ids.',
    )
    .addArgument(files())
    .option('--wait', 'follow the sets to their ends')
    .option(
      '--inbox <dir>',
      'the folder that the system watches; known where it runs in this folder',
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

function validateCommand(here: Surroundings, ended: Ended): Command {
  return new Command('validate')
    .summary('say everything that is wrong with set files')
    .description('Checks set files and says everything that is wrong, with line, column and remedy.')
    .addArgument(files())
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

function voicesCommand(here: Surroundings, ended: Ended): Command {
  return new Command('voices')
    .summary('list voices by language and engine')
    .description(
      'Lists the voices of Amazon Polly as AWS documents them, by language, with the engines that each has. Nobody is asked.',
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

function doctorCommand(here: Surroundings, ended: Ended): Command {
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

function statusCommand(here: Surroundings, ended: Ended): Command {
  return new Command('status')
    .summary('show how sets stand')
    .description('Shows all sets, or the items of one, of a running system or as the last one left them.')
    .argument('[set]', 'a set’s id, or its name for its newest run')
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

/** In the order in which the help shows them. */
const COMMANDS: readonly ((here: Surroundings, ended: Ended) => Command)[] = [
  runCommand,
  upCommand,
  submitCommand,
  validateCommand,
  planCommand,
  statusCommand,
  ...STEERING_COMMANDS,
  ...STORE_COMMANDS,
  replayCommand,
  auditCommand,
  voicesCommand,
  doctorCommand,
];
