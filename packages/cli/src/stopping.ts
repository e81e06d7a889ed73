/** How a signal ends a command early, and whether the command waits for work in progress. */
import { unlessAborted } from '@setlist/runtime';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './output/text/terminal.ts';
import type { StopSignal, Surroundings } from './surroundings.ts';

/** A signal asked the command to end. */
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

const CODES: Readonly<Record<StopSignal, ExitCode>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.terminated,
  EPIPE: EXIT.unread,
};
const SIGNALS = Object.keys(CODES) as StopSignal[];
/**
 * Within this time, another signal belongs to the first: npm passes on the Ctrl-C that the terminal sends us too, and
 * systemd ends a login session by SIGTERM and SIGHUP.
 */
const SAME_WITHIN_MS = 250;

/**
 * From here on, the first signal calls `onFirst` and asks for an orderly end; a second one ends the process at once.
 * A reader that goes away never counts as the second signal: Ctrl-C reaches `| tee` as well.
 */
export function listenForStop(
  { signals, exit }: Pick<Surroundings, 'signals' | 'exit'>,
  onFirst: () => void = () => {},
  now: () => number = () => performance.now(),
): Stop {
  const stopping = new AbortController();
  let firstAtMs: number | undefined;
  const onSignal = (signal: StopSignal): void => {
    if (firstAtMs !== undefined && now() - firstAtMs < SAME_WITHIN_MS) return;
    if (signal !== 'EPIPE') {
      if (firstAtMs !== undefined) exit(CODES[signal]);
      firstAtMs = now();
    }
    if (stopping.signal.aborted) return;
    onFirst();
    stopping.abort(new Stopped(CODES[signal]));
  };
  for (const signal of SIGNALS) signals.on(signal, onSignal);
  return {
    signal: stopping.signal,
    [Symbol.dispose]() {
      // A signal that nobody listens to ends the process without its exit handlers, which end its broker.
      if (stopping.signal.aborted) return;
      for (const signal of SIGNALS) signals.off(signal, onSignal);
    },
  };
}

/** Does work that a signal can abandon at any point: whatever it started ends with the process. */
export async function untilStopped<T>(here: Surroundings, work: () => Promise<T>): Promise<T> {
  using stop = listenForStop(here, () => here.terminal.clear());
  return await unlessAborted(work(), stop.signal);
}

/** Says what happens to work in progress, and how to stop without waiting for it. */
export function sayStopping({ clear, say, paintSaid }: Terminal, sentence: string): void {
  clear();
  say(sentence);
  say(paintSaid.dim('Ctrl-C again stops at once.'));
}

/** Does work that cleans up when it is stopped, and waits for that cleanup. */
export async function untilUnwound<T>(
  here: Surroundings,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using stop = listenForStop(here, () => sayStopping(here.terminal, 'Stopping.'));
  try {
    return await work(stop.signal);
  } catch (error) {
    stop.signal.throwIfAborted();
    throw error;
  }
}
