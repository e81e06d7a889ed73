/** Puts the tracker together: who answers commands, and the fold, whose end waits for their answers. */
import { type EventLog, openLogFor } from '@setlist/eventlog';
import { type Logger, type Running, type ServiceContext, settlesWithin } from '@setlist/runtime';
import { storeOptionsOf, storesByUri } from '@setlist/storage';
import type { TrackerConfig, TrackerSettings } from './config.ts';
import { answerCommands } from './on-command.ts';
import { track } from './track.ts';

export interface TrackerDeps {
  readonly log: EventLog;
  readonly logger: Logger;
}

export interface Tracker {
  /**
   * Answers commands and folds until aborted; resolves once what has changed is written. What could not be written by
   * then follows from the log. It listens for commands as soon as it is called.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** A broker that is away must not hold up the end: what could not be written then follows from the log. */
const LAST_FLUSH_MS = 3_000;

export function createTracker(settings: TrackerSettings, { log, logger }: TrackerDeps): Tracker {
  return {
    async run(signal) {
      await using answering = answerCommands({ log, logger });
      const ending = whenAnswered(answering, signal);
      try {
        await endOf(track({ log, logger, ...optionsOf(settings) }, ending), ending);
      } catch (error) {
        if (!signal.aborted) throw error;
        logger.warn({ event: 'cut-short', err: error }, 'Stopped before all was written; the log has it.');
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

/** Aborts once it is time to stop and nobody is left who waits for an answer: the fold shows what commands have done. */
function whenAnswered(answering: AsyncDisposable, stopping: AbortSignal): AbortSignal {
  const ending = new AbortController();
  const end = async (): Promise<void> => {
    try {
      await answering[Symbol.asyncDispose]();
    } finally {
      ending.abort();
    }
  };
  // Where it fails, the disposing at the end tells.
  const tryToEnd = (): void => void end().catch(() => undefined);
  if (stopping.aborted) tryToEnd();
  else stopping.addEventListener('abort', tryToEnd, { once: true });
  return ending.signal;
}

/** The work's own end or, once it has been told to stop, the end of the time it then has. */
async function endOf(work: Promise<void>, stopping: AbortSignal): Promise<void> {
  const told = Promise.withResolvers<void>();
  stopping.addEventListener('abort', () => told.resolve(), { once: true });
  await Promise.race([work, told.promise.then(() => settlesWithin(LAST_FLUSH_MS, work))]);
}

/** The service as `runService` starts it. */
export async function startTracker(config: TrackerConfig, context: ServiceContext): Promise<Running> {
  const { logger, signal, onShutdown, health } = context;
  const log = await openLogFor(config, 'setlist-tracker', signal);
  onShutdown('event log', () => log[Symbol.asyncDispose]());
  health.addCheck('broker', () => log.check());
  return { done: createTracker(config, { log, logger }).run(signal) };
}
