/** What commands get from the process that runs them, and nothing else: a test, or another program, can give its own. */
import type { Environment } from '@setlist/runtime';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

export interface Surroundings {
  readonly terminal: Terminal;
  readonly env: Environment;
  /** Where a user answers; `isTTY` where there is one to ask. */
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Paths that are not absolute begin here. */
  readonly cwd: string;
  /** Where SIGINT, SIGTERM and SIGHUP arrive. */
  readonly signals: SignalSource;
  /** Ends the process at once. */
  readonly exit: (code: ExitCode) => never;
}

export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The user, or the system, wants the command to end. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode) {
    super('stopped');
    this.exitCode = exitCode;
  }
}

export interface Stop extends Disposable {
  /** Aborts at the first signal, with a {@link Stopped} as its reason. */
  readonly signal: AbortSignal;
}

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** From here on the first signal asks for an orderly end, after `onFirst`, and the second ends the process at once. */
export function listenForStop({ signals, exit }: Surroundings, onFirst: () => void = () => {}): Stop {
  const stopping = new AbortController();
  const onSignal = (signal: StopSignal): void => {
    const code = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    if (stopping.signal.aborted) exit(code);
    onFirst();
    stopping.abort(new Stopped(code));
  };
  for (const signal of SIGNALS) signals.on(signal, onSignal);
  return {
    signal: stopping.signal,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) signals.off(signal, onSignal);
    },
  };
}
