/** `setlist doctor`: what this machine has, what is missing, and how to get it. */
import { resolve } from 'node:path';
import { checkEngine } from '../checks/engine.ts';
import type { Finding } from '../checks/finding.ts';
import { checkFolder, checkNatsServer, checkNode } from '../checks/machine.ts';
import { checkCredentials, checkMessages } from '../checks/outside.ts';
import { checkRunningSystem } from '../checks/running-system.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { padTo } from '../output/text/fit-columns.ts';
import type { Terminal } from '../output/text/terminal.ts';
import { commandsFor } from '../output/text/told-command.ts';
import { untilUnwound } from '../stopping.ts';
import type { Surroundings } from '../surroundings.ts';
import { dataFolder } from '../system/folder/data-folder.ts';

export interface DoctorFlags {
  readonly data: string;
  readonly fetch?: boolean;
  readonly json?: boolean;
}

export const doctor = (flags: DoctorFlags, here: Surroundings): Promise<ExitCode> =>
  untilUnwound(here, (signal) => examine(flags, here, signal));

async function examine(
  flags: DoctorFlags,
  { terminal, env, cwd }: Surroundings,
  signal: AbortSignal,
): Promise<ExitCode> {
  const data = dataFolder(flags.data, cwd);
  const findings: Finding[] = [];
  const tell = (found: Finding | Finding[]): void => {
    signal.throwIfAborted();
    for (const finding of [found].flat()) {
      findings.push(finding);
      if (!flags.json) printFinding(finding, terminal);
    }
  };
  tell(checkNode(process.version));
  tell(await checkNatsServer(env, flags.fetch ? { onStep: terminal.say, signal } : undefined));
  tell(await checkFolder('data folder', data.path));
  tell(await checkFolder('audio', resolve(cwd, 'out')));
  tell(await checkFolder('inbox', resolve(cwd, 'inbox')));
  tell(await checkEngine(env));
  tell(await checkRunningSystem(data, commandsFor(flags)));
  tell(await checkCredentials(env));
  tell(checkMessages(env, data));
  const isMissing = findings.some(({ level }) => level === 'missing');
  if (flags.json) terminal.print(JSON.stringify({ ok: !isMissing, findings }));
  else terminal.print(`\n${verdict(isMissing, terminal)}`);
  return isMissing ? EXIT.missing : EXIT.done;
}

const ABOUT_COLUMNS = 'AWS credentials'.length;
const LEVEL_COLUMNS = 'missing'.length;

function printFinding({ level, about, found, remedy }: Finding, { print, paint }: Terminal): void {
  const colour = { ok: paint.green, warning: paint.yellow, missing: paint.red }[level];
  const word = level === 'warning' ? 'warn' : level;
  print(`${colour(padTo(word, LEVEL_COLUMNS))}  ${padTo(about, ABOUT_COLUMNS)}  ${found}`);
  if (remedy === undefined) return;
  const margin = ' '.repeat(LEVEL_COLUMNS + ABOUT_COLUMNS + 4);
  for (const line of remedy.split('\n')) print(`${margin}${paint.dim(line)}`);
}

const verdict = (isMissing: boolean, { paint }: Terminal): string =>
  isMissing
    ? paint.red('Something is missing: see the remedies above.')
    : paint.green('Everything that Setlist needs is here.');
