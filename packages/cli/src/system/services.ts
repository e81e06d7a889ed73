/** The services in this process, each as it runs on its own, started and stopped in the order of the flow. */
import { AUDIO_PREFIX, type SetSummary } from '@setlist/contracts';
import { createDispatcher } from '@setlist/dispatcher';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { createIngest, openPlaces } from '@setlist/ingest';
import { createNotifier } from '@setlist/notifier';
import { type Environment, unlessAborted } from '@setlist/runtime';
import { createTracker } from '@setlist/tracker';
import { openSets } from '../follow/read-sets.ts';
import type { ServiceLog } from './service-log.ts';
import { isBucket, type ServiceSettings } from './service-settings.ts';

export interface Services extends AsyncDisposable {
  readonly log: EventLog;
  /** What the log ended with before anything was begun. */
  readonly begunAfter: number;
  /** Sets that an earlier start left, as they stood before anything was begun. */
  readonly unfinished: readonly SetSummary[];
  /** Rejects when one of them can't go on. */
  readonly failed: Promise<never>;
  /** Takes in and begins nothing any more; once it resolves, the outcomes of the calls that were under way are in the log. */
  drain(): Promise<void>;
}

interface ServicesSurroundings {
  readonly serviceLog: ServiceLog;
  readonly env: Environment;
  /** Resolves when to wait for the broker any longer is in vain. */
  readonly inVain: Promise<void>;
  /** Breaks the start off, with its own reason: what waits for the broker would wait on. */
  readonly signal: AbortSignal;
}

/**
 * Starts tracker, notifier, dispatcher and ingest, so that nobody misses what the one before it says. Disposing of them
 * goes the other way: nothing new is taken in, calls under way end, their outcomes are folded and told.
 */
export async function startServices(
  settings: ServiceSettings,
  broker: string,
  { serviceLog, env, inVain, signal: starting }: ServicesSurroundings,
): Promise<Services> {
  await using stack = new AsyncDisposableStack();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const log = stack.use(await openEventLog({ servers: broker, name: 'setlist-cli', signal: starting }));
  const begunAfter = await unlessAborted(log.head(), starting);

  const run = (work: Work): (() => Promise<void>) => runUntilTold(work, { stack, failed, inVain });
  const tracker = createTracker(settings.tracker, { log, logger: serviceLog.logger('tracker') });
  run((signal) => tracker.run(signal));
  // Before the dispatcher goes on with them: what it pays from then on counts as paid by this start.
  const unfinished = await unlessAborted(openSets(log), starting);

  const notifier = createNotifier(settings.notifier, { log, logger: serviceLog.logger('notifier'), env });
  run((signal) => notifier.run(signal));
  const dispatcher = createDispatcher(settings.dispatcher, { log, logger: serviceLog.logger('dispatcher') });
  const endDispatching = run((signal) => dispatcher.run(signal));
  const places = openPlaces(settings.ingest);
  await unlessAborted(checkPlaces(places, settings.ingest.INBOX), starting);
  const ingest = createIngest(settings.ingest, { log, logger: serviceLog.logger('ingest'), ...places });
  const endIntake = run((signal) => ingest.run(signal));

  const held = stack.move();
  return {
    log,
    begunAfter,
    unfinished,
    failed: failed.promise,
    drain: async () => {
      await endIntake();
      await endDispatching();
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

type Work = (signal: AbortSignal) => Promise<void>;

interface Among {
  readonly stack: AsyncDisposableStack;
  readonly failed: PromiseWithResolvers<never>;
  readonly inVain: Promise<void>;
}

/**
 * Runs until it is told to stop, by what is given back or with the stack; its end is then waited for, unless it waits for
 * a broker that won't come back.
 */
function runUntilTold(work: Work, { stack, failed, inVain }: Among): () => Promise<void> {
  const stopping = new AbortController();
  const running = work(stopping.signal);
  running.catch(failed.reject);
  const end = async (): Promise<void> => {
    stopping.abort();
    await Promise.race([running.catch(() => undefined), inVain]);
  };
  stack.defer(end);
  return end;
}

/** Throws a `StoreError` where one of them can't be written to, or a watched bucket can't be listed. */
async function checkPlaces(
  { store, output, inboxAt }: ReturnType<typeof openPlaces>,
  inboxes: readonly string[],
): Promise<void> {
  const canBeListed = async (uri: string): Promise<void> => {
    for await (const _ of inboxAt(uri).list('')) return;
  };
  await Promise.all([
    store.check(AUDIO_PREFIX),
    output.check(),
    ...inboxes.filter(isBucket).map(canBeListed),
  ]);
}
