/** A command that can't go on, with the exit code and what its user can do. */
import { messageOf } from '@setlist/runtime';
import { EXIT, type ExitCode } from './exit-codes.ts';

export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: ExitCode;
  readonly remedy: string | undefined;

  /** @param remedy what to do next, as a sentence; left out where the message says it already */
  constructor(exitCode: ExitCode, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

/** Something that the command needs is not there or doesn't answer. */
export const missing = (message: string, remedy?: string, options?: ErrorOptions): CommandFailed =>
  new CommandFailed(EXIT.missing, message, remedy, options);

/** What was asked for can't be done as it was asked for. */
export const refused = (message: string, remedy?: string): CommandFailed =>
  new CommandFailed(EXIT.refused, message, remedy);

export interface Explanation {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly remedy: string | undefined;
  /** Nobody foresaw it: its stack is worth showing. */
  readonly unforeseen: boolean;
}

const SYSTEM_REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'Give this user the right to the file or folder that the message names, or choose another.',
  EPERM: 'Give this user the right to the file or folder that the message names, or choose another.',
  EROFS: 'The file system is read-only: choose a folder elsewhere.',
  ENOSPC: 'The disk is full: make room on it; the work goes on at the next start.',
  ENOENT: 'Create what the message names, or correct its path.',
  ENOTDIR: 'A part of the path is a file: correct the path.',
  EISDIR: 'The path is a folder where a file is needed: correct the path.',
};

/** Broker errors whose message ends with what to do. */
const SELF_EXPLAINING = new Set(['broker-not-found', 'broker-not-fetched', 'broker-not-started']);

/** What was named can't be what the command is given it for. */
const REFUSALS = new Set(['backup-refused']);

/** Says of any error what its user is told. Everything that isn't foreseen counts as something missing or broken. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommandFailed) {
    return { exitCode: error.exitCode, message: error.message, remedy: error.remedy, unforeseen: false };
  }
  const message = messageOf(error);
  const { remedy, code } = (error ?? {}) as { remedy?: unknown; code?: unknown };
  const told = typeof remedy === 'string' ? saidHere(remedy) : SYSTEM_REMEDIES[String(code)];
  const exitCode = REFUSALS.has(String(code)) ? EXIT.refused : EXIT.missing;
  const unforeseen = told === undefined && !SELF_EXPLAINING.has(String(code));
  return { exitCode, message, remedy: told, unforeseen };
}

/** The services' settings that are options here. */
const saidHere = (remedy: string): string =>
  remedy
    .replaceAll('NATS_URL', '--server')
    .replace('--help lists all of them', 'docs/settings.md lists all of them');
