/** All that commands get from their process; a test or another program can pass its own. */
import type { Environment } from '@setlist/runtime';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './output/text/terminal.ts';

export interface Surroundings {
  readonly terminal: Terminal;
  readonly env: Environment;
  /** Where a user answers; `isTTY` if there is a user to ask. */
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Emits SIGINT, SIGTERM and SIGHUP, and EPIPE when the reader of the terminal's output is gone. */
  readonly signals: SignalSource;
  /** Ends the process at once. */
  readonly exit: (code: ExitCode) => never;
}

interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'EPIPE';
