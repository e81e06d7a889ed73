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
  const here = { ...surroundings, env: settingsIn(surroundings.env) };
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

/** Settings of a service that is a process of its own: inside the command, services have no health port and one log. */
const OF_A_PROCESS = new Set(['HTTP_HOST', 'HTTP_PORT', 'DRAIN_TIMEOUT', 'LOG_LEVEL', 'LOG_FORMAT']);

/** The variables that count here. A blank one counts as unset, as in the services. */
const settingsIn = (env: Environment): Environment =>
  Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value?.trim() !== '' && !OF_A_PROCESS.has(name)),
  );

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
