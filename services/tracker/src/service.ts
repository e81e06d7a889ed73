/** Composition root: the tracker's connection to the broker and its work, from start to stop. */
import { type EventLog, openLogFor } from '@setlist/eventlog';
import { type Logger, type Running, type ServiceContext, sleep } from '@setlist/runtime';
import { storeOptionsOf, storesByUri } from '@setlist/storage';
import type { TrackerConfig, TrackerSettings } from './config.ts';
import { answerCommands } from './on-command.ts';
import { track } from './track.ts';

export interface Tracker {
  /**
   * Connects and begins to fold; `done` settles when the work has ended, and rejects where it failed.
   * @throws BrokerUnavailable where there is no broker
   */
  start(): Promise<Required<Running>>;
  /** Ends the work, writes what has changed, and closes the connection. For after `start`; may be called again. */
  stop(): Promise<void>;
  /** Rejects where the broker doesn't answer. */
  check(): Promise<void>;
}

export interface TrackerDependencies {
  readonly logger: Logger;
  /** Ends the work when it aborts, as `stop` does. */
  readonly signal?: AbortSignal;
}

/** A broker that is away must not hold up the end: what could not be written then follows from the log. */
const LAST_FLUSH_MS = 3_000;

export function createTracker(config: TrackerSettings, { logger, signal }: TrackerDependencies): Tracker {
  const stopped = new AbortController();
  const stopping = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
  const stack = new AsyncDisposableStack();
  let log: EventLog | undefined;
  let done: Promise<void> = Promise.resolve();
  return {
    async start() {
      log = stack.use(await openLogFor(config, 'setlist-tracker', stopping));
      const answering = stack.use(answerCommands({ log, logger }));
      const ending = whenAnswered(answering, stopping);
      const work = track({ log, logger, ...settingsOf(config) }, ending);
      done = endOf(work, ending).catch((error: unknown) => {
        if (!stopping.aborted) throw error;
        logger.warn({ event: 'cut-short', err: error }, 'Stopped before all was written; the log has it.');
      });
      return { done };
    },
    async stop() {
      stopped.abort();
      await done.catch(() => undefined);
      await stack.disposeAsync();
    },
    async check() {
      if (log === undefined) throw new Error('not connected yet');
      await log.check();
    },
  };
}

const settingsOf = (config: TrackerSettings) => ({
  stallAfterMs: config.STALL_AFTER,
  flushEveryMs: config.FLUSH_EVERY,
  maxPages: config.PAGES_IN_MEMORY,
  storeAt: config.MANIFESTS ? storesByUri(storeOptionsOf(config)) : undefined,
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
  // Where it fails, the disposing of the stack tells.
  const tryToEnd = (): void => void end().catch(() => undefined);
  if (stopping.aborted) tryToEnd();
  else stopping.addEventListener('abort', tryToEnd, { once: true });
  return ending.signal;
}

/** The work's own end or, once it has been told to stop, the end of the time it then has. */
async function endOf(work: Promise<void>, stopping: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const outOfTime = Promise.withResolvers<void>();
  const giveTime = (): void =>
    void sleep(LAST_FLUSH_MS, ended.signal).then(outOfTime.resolve, outOfTime.resolve);
  stopping.addEventListener('abort', giveTime, { once: true });
  try {
    await Promise.race([work, outOfTime.promise]);
  } finally {
    ended.abort();
    stopping.removeEventListener('abort', giveTime);
  }
}

/** Runs a tracker in a service's process, until the process is to end. */
export async function startTracker(config: TrackerConfig, context: ServiceContext): Promise<Running> {
  const { logger, signal, health, onShutdown } = context;
  const tracker = createTracker(config, { logger, signal });
  onShutdown('tracker', () => tracker.stop());
  health.addCheck('broker', () => tracker.check());
  return tracker.start();
}
