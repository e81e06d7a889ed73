/** A command's failure, with its exit code and what the user can do. */
import { messageOf, systemRemedy } from '@setlist/runtime';
import { EXIT, type ExitCode } from './exit-codes.ts';

export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: ExitCode;
  readonly remedy: string | undefined;

  /** @param remedy what to do next, as a sentence; left out if the message already says it */
  constructor(exitCode: ExitCode, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

/** Something that the command needs is missing or doesn't answer. */
export const missing = (message: string, remedy?: string, options?: ErrorOptions): CommandFailed =>
  new CommandFailed(EXIT.missing, message, remedy, options);

/** The command can't be carried out as the user gave it. */
export const refused = (message: string, remedy?: string): CommandFailed =>
  new CommandFailed(EXIT.refused, message, remedy);

export interface Explanation {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly remedy: string | undefined;
  /** The code doesn't anticipate this error: its stack is worth showing. */
  readonly unforeseen: boolean;
}

/** Codes of broker errors whose message ends with what to do. */
const SELF_EXPLAINING = new Set(['broker-not-found', 'broker-not-fetched', 'broker-not-started']);

/** Codes of errors that mean the user named something unsuitable. */
const REFUSALS = new Set(['backup-refused']);

/** Remedies for errors, by code, whose own remedy is that of a service. */
const REMEDIES: ReadonlyMap<unknown, string> = new Map([
  ['file-changed', 'Wait until nothing writes to the file any more, then name it again.'],
]);

/** Explains any error to the user. An unforeseen error gets the exit code for something missing. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommandFailed) {
    return { exitCode: error.exitCode, message: error.message, remedy: error.remedy, unforeseen: false };
  }
  const message = messageOf(error);
  const { remedy, code } = (error ?? {}) as { remedy?: unknown; code?: unknown };
  const told = REMEDIES.get(code) ?? (typeof remedy === 'string' ? saidHere(remedy) : systemRemedy(code));
  const exitCode = REFUSALS.has(String(code)) ? EXIT.refused : EXIT.missing;
  const unforeseen = told === undefined && !SELF_EXPLAINING.has(String(code));
  return { exitCode, message, remedy: told, unforeseen };
}

/** Replaces names of the services' settings with the command's options. */
const saidHere = (remedy: string): string =>
  remedy
    .replaceAll('NATS_URL', '--server')
    .replace('--help lists all of them', 'docs/settings.md lists all of them');
