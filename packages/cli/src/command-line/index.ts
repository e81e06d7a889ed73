/**
 * The whole command line: every command with its options, explained by examples. A command's own code is loaded only
 * when it runs, so that commands which need no broker and no SDK don't wait for them to load.
 */

import { VERSION } from '@setlist/runtime';
import { Command } from 'commander';
import type { Surroundings } from '../surroundings.ts';
import { auditCommand, replayCommand } from './audit-commands.ts';
import type { Ended, MakeCommand } from './command.ts';
import { doctorCommand, statusCommand, validateCommand, voicesCommand } from './looking-commands.ts';
import { planCommand } from './plan-command.ts';
import { STEERING_COMMANDS } from './steering-commands.ts';
import { STORE_COMMANDS } from './store-commands.ts';
import { SYSTEM_COMMANDS } from './system-commands.ts';

const EXIT_CODES = `Exit codes:
  0    everything succeeded
  1    some items failed
  2    refused: the command line or a set file is wrong
  3    something Setlist needs is missing or down
  4    cancelled
  130  stopped by Ctrl-C; work resumes at the next start (a second Ctrl-C kills at once)
  141  the reader of the output went away
  143  stopped by SIGTERM`;

export function commandLine(here: Surroundings, ended: Ended): Command {
  const { terminal } = here;
  const program = new Command('setlist');
  program
    .description(
      'Turns files of phrases into audio, with Amazon Polly or a local engine that implements its API.',
    )
    .helpCommand(false)
    .version(VERSION, '--version', 'print the version')
    .showHelpAfterError('(see "setlist --help" and "setlist COMMAND --help")')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text, 'stdout'),
      writeErr: (text) => terminal.write(text, 'stderr'),
    })
    .addHelpText('after', `\n${EXIT_CODES}`);
  for (const command of COMMANDS) program.addCommand(withProgramSettings(command(here, ended), program));
  return program.addCommand(withProgramSettings(helpCommand(program), program));
}

/** Replaces the parser's own `help`, which doesn't know subcommands. */
function helpCommand(program: Command): Command {
  return new Command('help')
    .summary('show the help of a command')
    .description('Shows what a command does and its options, like "setlist COMMAND --help".')
    .argument('[command...]', 'the command, for example run, or audit verify')
    .action((names: readonly string[]) => {
      let shown = program;
      for (const name of names) {
        const below = shown.commands.find((command) => command.name() === name);
        shown = below ?? program.error(`error: unknown command '${names.join(' ')}'`);
      }
      shown.help();
    });
}

/** Gives a command and its subcommands the program's settings. */
function withProgramSettings(command: Command, program: Command): Command {
  for (const below of command.commands) withProgramSettings(below, program);
  return command.copyInheritedSettings(program);
}

/** In the order the help shows them. */
const COMMANDS: readonly MakeCommand[] = [
  ...SYSTEM_COMMANDS,
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
