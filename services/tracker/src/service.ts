/** Puts the tracker together: command answering, and the fold, which ends only after all commands are answered. */
import { COMMAND_TRIED_FOR_MS, type EventLog, openLogFor } from '@setlist/eventlog';
import { type Logger, type Running, type ServiceContext, settlesWithin } from '@setlist/runtime';
import { storeOptionsOf, storesByUri } from '@setlist/storage';
import type { TrackerConfig, TrackerSettings } from './config.ts';
import { answerCommands } from './on-command.ts';
import { track } from './track.ts';

export interface TrackerDeps {
  readonly log: EventLog;
  readonly logger: Logger;
  /**
   * How long a stop waits, in ms, for the last flush and for manifests that are due: an unavailable broker or store must
   * not hold it up. Three seconds if not given.
   */
  readonly stopWithinMs?: number;
  /** How long a command's answer waits for the projections to show the change, in ms. One second if not given. */
  readonly seenWithinMs?: number;
  /** How long another tracker's first flush is waited for at the start, in ms. Two seconds if not given. */
  readonly firstFlushMs?: number;
}

export interface Tracker {
  /**
   * Answers commands and folds until aborted; resolves once all changes are written. What could not be written follows
   * from the log. It listens for commands as soon as it is called.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** Any number can run on one log: one is enough, and a second takes over at once but adds no speed. */
export function createTracker(
  settings: TrackerSettings,
  { log, logger, stopWithinMs = 3_000, seenWithinMs = 1_000, firstFlushMs = 2_000 }: TrackerDeps,
): Tracker {
  // The flush comes after the manifests.
  const patience = { manifestsWithinMs: stopWithinMs / 2, firstFlushMs };
  const options = { log, logger, ...optionsOf(settings), ...patience };
  return {
    async run(signal) {
      await using answering = answerCommands({ log, logger, triedForMs: COMMAND_TRIED_FOR_MS, seenWithinMs });
      const ending = whenAnswered(answering, signal);
      try {
        await endOf(track(options, ending), ending, stopWithinMs);
      } catch (error) {
        if (!signal.aborted) throw error;
        logger.warn(
          { event: 'cut-short', err: error },
          'Stopped before everything was written; the log has it all.',
        );
      }
    },
  };
}

const optionsOf = (settings: TrackerSettings) => ({
  stallAfterMs: settings.STALL_AFTER,
  flushEveryMs: settings.FLUSH_EVERY,
  maxPages: settings.PAGES_IN_MEMORY,
  storeAt: settings.MANIFESTS ? storesByUri(storeOptionsOf(settings)) : undefined,
});

/** Aborts once stopping and all commands are answered: until then, the fold has to show what commands have done. */
function whenAnswered(answering: AsyncDisposable, stopping: AbortSignal): AbortSignal {
  const ending = new AbortController();
  const end = async (): Promise<void> => {
    try {
      await answering[Symbol.asyncDispose]();
    } finally {
      ending.abort();
    }
  };
  // A failure is thrown by the disposal at the end.
  const tryToEnd = (): void => void end().catch(() => undefined);
  if (stopping.aborted) tryToEnd();
  else stopping.addEventListener('abort', tryToEnd, { once: true });
  return ending.signal;
}

/** Waits for the work to end, but once stopping for at most `withinMs`. */
async function endOf(work: Promise<void>, stopping: AbortSignal, withinMs: number): Promise<void> {
  const told = Promise.withResolvers<void>();
  stopping.addEventListener('abort', () => told.resolve(), { once: true });
  await Promise.race([work, told.promise.then(() => settlesWithin(withinMs, work))]);
}

/** The service as `runService` starts it. */
export async function startTracker(config: TrackerConfig, context: ServiceContext): Promise<Running> {
  const { logger, signal, stack, health } = context;
  const log = stack.use(await openLogFor(config, 'setlist-tracker', context));
  health.addCheck('broker', () => log.check());
  return { done: createTracker(config, { log, logger }).run(signal) };
}
