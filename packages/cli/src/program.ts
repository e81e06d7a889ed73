/** Runs one command line to its end: any failure is reported once and becomes the exit code. */
import type { Environment } from '@setlist/runtime';
import { CommanderError } from 'commander';
import { commandLine } from './command-line/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { explain } from './failure.ts';
import { Stopped } from './stopping.ts';
import type { Surroundings } from './surroundings.ts';

/** Never rejects. @param args what follows the program's name */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const here = { ...surroundings, env: withoutBlanks(surroundings.env) };
  let code: ExitCode = EXIT.done;
  const program = commandLine(here, (exitCode) => {
    code = exitCode;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return tellFailure(error, here);
  }
}

/** A blank variable counts as unset, as in the services. */
const withoutBlanks = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));

function tellFailure(error: unknown, { terminal }: Surroundings): ExitCode {
  terminal.clear();
  // The parser has already printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.refused;
  if (error instanceof Stopped) return error.exitCode;
  const { exitCode, message, remedy, unforeseen } = explain(error);
  const { red, dim } = terminal.paintSaid;
  terminal.say(`${red('error:')} ${message}`);
  if (remedy !== undefined) terminal.say(remedy);
  if (unforeseen) {
    terminal.say('This error is unexpected: please report it, with the lines below.');
    if (error instanceof Error && error.stack) terminal.say(dim(error.stack));
  }
  return exitCode;
}
