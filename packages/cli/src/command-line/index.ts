/**
 * What can be said on the command line: every command with its options, explained by examples. A command's own code is
 * loaded when it is called, so that those that need no broker and no SDK don't wait for them.
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

const EXIT_CODES = `Exit codes: 0 all done, 1 some items failed, 2 refused, 3 something it needs is missing or down,
4 cancelled, 130 stopped by Ctrl-C (a second one kills; the work goes on at the next start), 141 the reader of the
output has gone, 143 stopped by SIGTERM.`;

export function commandLine(here: Surroundings, ended: Ended): Command {
  const { terminal } = here;
  const program = new Command('setlist');
  program
    .description('Turns files of phrases into audio, by Amazon Polly or a local engine that speaks its API.')
    .helpCommand(false)
    .version(VERSION, '--version', 'print the version')
    .showHelpAfterError('("setlist --help" and "setlist COMMAND --help" show what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text, 'stdout'),
      writeErr: (text) => terminal.write(text, 'stderr'),
    })
    .addHelpText('after', `\n${EXIT_CODES}`);
  for (const command of COMMANDS) program.addCommand(settled(command(here, ended), program));
  return program.addCommand(settled(helpCommand(program), program));
}

/** The parser's own knows no commands below commands. */
function helpCommand(program: Command): Command {
  return new Command('help')
    .summary('show what a command does, as "setlist COMMAND --help" does')
    .description('Shows what a command does, with its options.')
    .argument('[command...]', 'its name, such as run, or audit verify')
    .action((names: readonly string[]) => {
      let shown = program;
      for (const name of names) {
        const below = shown.commands.find((command) => command.name() === name);
        shown = below ?? program.error(`error: unknown command '${names.join(' ')}'`);
      }
      shown.help();
    });
}

/** A command, and those below it, that behave as the program does. */
function settled(command: Command, program: Command): Command {
  for (const below of command.commands) settled(below, program);
  return command.copyInheritedSettings(program);
}

/** In the order in which the help shows them. */
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
