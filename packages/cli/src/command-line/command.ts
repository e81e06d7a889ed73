/** What the definitions of commands share: their types, and wording that several of them use. */
import { Argument, type Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';

/** Receives the exit code of the command that ran. */
export type Ended = (exitCode: ExitCode) => void;

export type MakeCommand = (here: Surroundings, ended: Ended) => Command;

export const filesArgument = () => new Argument('<file...>', 'set files: .yml, .yaml or .json');
export const SET = 'a set’s id, or its name, which means its newest run';

/** The examples to show below a command's options. */
export const examples = (...lines: readonly string[]): string =>
  ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');
