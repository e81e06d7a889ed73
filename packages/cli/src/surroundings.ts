/** What commands get from the process that runs them, and nothing else: a test, or another program, can give its own. */
import type { Environment } from '@setlist/runtime';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './output/text/terminal.ts';

export interface Surroundings {
  readonly terminal: Terminal;
  readonly env: Environment;
  /** Where a user answers; `isTTY` where there is one to ask. */
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Paths that are not absolute begin here. */
  readonly cwd: string;
  /** Where SIGINT, SIGTERM and SIGHUP arrive, and EPIPE when nobody reads any more what the terminal writes. */
  readonly signals: SignalSource;
  /** Ends the process at once. */
  readonly exit: (code: ExitCode) => never;
}

interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'EPIPE';
