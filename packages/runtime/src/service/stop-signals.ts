/** The first SIGTERM or SIGINT asks a service to end its work; the second ends it at once. */
import { once } from 'node:events';
import { constants } from 'node:os';

export type StopSignal = 'SIGTERM' | 'SIGINT';

/**
 * A controller that aborts at the first SIGTERM or SIGINT, after `onFirst`; the second ends the process at
 * once, after `onSecond`, with 128 plus the signal's number: 143 or 130.
 */
export function listenForStop(
  onFirst: (signal: StopSignal) => void,
  onSecond: (signal: StopSignal) => void,
): AbortController {
  const stopping = new AbortController();
  let asked = false;
  const onSignal = (signal: StopSignal) => {
    if (asked) {
      onSecond(signal);
      process.exit(128 + constants.signals[signal]);
    }
    asked = true;
    onFirst(signal);
    stopping.abort(new DOMException(`${signal} received`, 'AbortError'));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stopping;
}

/** Resolves when the signal has aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
