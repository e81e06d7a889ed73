/** Runs the services in this process, and starts and stops them in the right order. */
import { type Drop, inboxPlaces, isBucket } from '@setlist/admission';
import { AUDIO_PREFIX, type SetSummary } from '@setlist/contracts';
import { createDispatcher } from '@setlist/dispatcher';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { createIngest, openPlaces, takeInboxes } from '@setlist/ingest';
import { createNotifier, type NotifierConfig, type NotifierDeps } from '@setlist/notifier';
import { type Environment, unlessAborted } from '@setlist/runtime';
import { createTracker } from '@setlist/tracker';
import { openSets } from '../follow/read-sets.ts';
import { takeBackUnbegun } from '../set-files/place.ts';
import { firstFailure, runUntilTold, type Work } from './run-until-told.ts';
import type { ServiceLog } from './service-log.ts';
import type { ServiceSettings } from './service-settings.ts';

export interface Services extends AsyncDisposable {
  readonly log: EventLog;
  /** The number of the log's last event before any service started. */
  readonly begunAfter: number;
  /** Sets that an earlier start left unfinished, as they were before the dispatcher started. */
  readonly unfinished: readonly SetSummary[];
  /** Rejects when a service fails. */
  readonly failed: Promise<never>;
  /** Stops taking in files and making calls; resolves when the outcomes of calls in flight are in the log. */
  drain(): Promise<void>;
}

interface ServicesSurroundings {
  /** Where `setlist run` places its files. */
  readonly inbox: string;
  /** Called with what an earlier `setlist run` had placed when it crashed, and is taken back since nothing had begun with it. */
  readonly onTakenBack: (drops: readonly Drop[]) => void;
  readonly serviceLog: ServiceLog;
  readonly env: Environment;
  /** The address of a console that messages can link to, unless the settings name one. */
  readonly consoleUrl: Promise<string | undefined>;
  /** Resolves when there is no point in waiting for the broker any longer. */
  readonly inVain: Promise<void>;
  /** Aborts the start, with its own reason, so that nothing keeps waiting for the broker. */
  readonly signal: AbortSignal;
}

/** How long a stop waits for messages that are being sent, in ms: a mail server may take ten minutes to answer. */
const SENT_WITHIN_MS = 25_000;

/**
 * Starts tracker, notifier, dispatcher and ingest in this order, so that each is ready for the events of the next (the
 * notifier may begin later: see `notifying`).
 * Disposing goes the other way: nothing new is taken in, calls in flight end, their outcomes are folded and reported.
 */
export async function startServices(
  settings: ServiceSettings,
  broker: string,
  { inbox, onTakenBack, serviceLog, env, consoleUrl, inVain, signal: starting }: ServicesSurroundings,
): Promise<Services> {
  await using stack = new AsyncDisposableStack();
  const failed = firstFailure();
  const logger = serviceLog.logger('broker');
  const log = stack.use(
    await openEventLog({ servers: broker, name: 'setlist-cli', signal: starting, logger }),
  );
  const begunAfter = await unlessAborted(log.head(), starting);

  const run = (work: Work): (() => Promise<void>) => runUntilTold(work, { stack, failed, inVain });
  const tracker = createTracker(settings.tracker, { log, logger: serviceLog.logger('tracker') });
  run((signal) => tracker.run(signal));
  // Read before the dispatcher continues them: what it pays from then on counts as paid by this start.
  const unfinished = await unlessAborted(Promise.race([openSets(log), failed.promise]), starting);

  const ofNotifier = {
    log,
    logger: serviceLog.logger('notifier'),
    env,
    // There is no other notifier.
    graceMs: 0,
    stopWithinMs: SENT_WITHIN_MS,
  };
  run(notifying(settings.notifier, consoleUrl, ofNotifier));
  // Before the dispatcher pays for sounds that could not be kept, or that another system makes too.
  const places = openPlaces(settings.ingest);
  await unlessAborted(checkPlaces(places, settings.ingest.INBOX), starting);
  const ingest = createIngest(settings.ingest, { log, logger: serviceLog.logger('ingest'), ...places });
  // Nobody else watches the inbox in the locked data folder.
  const shared = inboxPlaces(settings.ingest.INBOX).folders.filter((folder) => folder !== inbox);
  stack.defer(await takeInboxes(shared, log, starting));
  const dispatcher = createDispatcher(settings.dispatcher, { log, logger: serviceLog.logger('dispatcher') });
  // From then on, its store does not count as empty if the whole folder goes away.
  await unlessAborted(dispatcher.checkStore(), starting);
  const endDispatching = run((signal) => dispatcher.run(signal));
  await unlessAborted(takeBackUnbegun(inbox, log, onTakenBack), starting);
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

/** Begins once the address of the console is known; until then, what people are to be told waits in the log. */
const notifying =
  (settings: NotifierConfig, consoleUrl: Promise<string | undefined>, deps: NotifierDeps): Work =>
  async (signal) => {
    const CONSOLE_URL = settings.CONSOLE_URL ?? (await unlessAborted(consoleUrl, signal));
    await createNotifier({ ...settings, CONSOLE_URL }, deps).run(signal);
  };

/** @throws StoreError if a store can't be written to, or a watched bucket can't be listed */
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
