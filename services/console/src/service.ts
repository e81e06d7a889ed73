/** Composition root: the console's connection to the broker, its copy of every set's summary, and its server. */
import { randomBytes } from 'node:crypto';
import type { EventOf, SetSummary } from '@setlist/contracts';
import { acceptanceOf, type EventLog, openLogFor } from '@setlist/eventlog';
import { type Logger, type Running, type ServiceContext, settingsFaults } from '@setlist/runtime';
import { storeOptionsOf, storesByUri } from '@setlist/storage';
import { consoleApp } from './app.ts';
import { type ConsoleConfig, type ConsoleSettings, unsafeAccess } from './config.ts';
import { QuotaWindow } from './domain/quota-use.ts';
import { answeredLog } from './http/answered-log.ts';
import { ItemTexts } from './watch/item-texts.ts';
import { LiveFeed } from './watch/live-feed.ts';
import { SetsMirror } from './watch/sets-mirror.ts';

export interface ConsoleParts {
  readonly log: EventLog;
  readonly logger: Logger;
  /** Ends the console's work when it aborts. */
  readonly signal: AbortSignal;
}

export interface Console extends AsyncDisposable {
  /** The page's address. */
  readonly url: string;
  /** Settles when the console stops following the log. */
  readonly done: Promise<void>;
}

/** Starts following the log, then listens. Throws `Faults` for settings that would let everybody in. */
export async function createConsole(settings: ConsoleSettings, parts: ConsoleParts): Promise<Console> {
  requireSafeAccess(settings);
  const { log, logger, signal } = parts;
  const mirror = new SetsMirror(log);
  const quota = new QuotaWindow();
  const answered = answeredLog(log);
  const texts = new ItemTexts(answered);
  const accepted: Acceptances = new Map();
  const forget = (): void => {
    texts.forget();
    accepted.clear();
  };
  const feed = new LiveFeed({ log, logger, mirror, quota, forget });
  const { done } = await feed.start(signal);
  const outputOf = storesByUri(storeOptionsOf(settings));
  const app = await consoleApp({
    settings,
    log: answered,
    logger,
    mirror,
    feed,
    quota,
    texts,
    outputOf,
    store: settings.STORE === undefined ? undefined : outputOf(settings.STORE),
    acceptanceOf: acceptancesIn(answered, accepted),
    linkSecret: settings.AUDIO_LINK_SECRET ?? randomBytes(32).toString('hex'),
  });
  const { CONSOLE_HOST: host, CONSOLE_PORT: port } = settings;
  const url = await app.listen({ host, port }).catch(async (error: unknown) => {
    // The caller ends the following through the signal; nobody awaits `done` any more.
    done.catch(() => undefined);
    await app.close();
    throw error;
  });
  logger.info({ event: 'listening', url }, `the console is at ${url}`);
  return { url, done, [Symbol.asyncDispose]: () => app.close() };
}

/** Runs a console in a service's process, until the process ends. */
export async function startConsole(config: ConsoleConfig, context: ServiceContext): Promise<Running> {
  const { logger, signal, stack, health } = context;
  requireSafeAccess(config);
  const log = stack.use(await openLogFor(config, 'setlist-console', context));
  const console = stack.use(await createConsole(config, { log, logger, signal }));
  health.addCheck('broker', () => log.check());
  return { done: console.done };
}

function requireSafeAccess(settings: ConsoleSettings): void {
  const fault = unsafeAccess(settings);
  if (fault !== undefined) throw settingsFaults([{ name: '', problem: fault, expected: 'who may come in' }]);
}

/** By set. */
type Acceptances = Map<string, EventOf<'SetAccepted'>>;

/** An acceptance never changes, so it is read once per set. */
function acceptancesIn(
  log: Pick<EventLog, 'first'>,
  known: Acceptances,
): (summary: SetSummary) => Promise<EventOf<'SetAccepted'> | undefined> {
  return async ({ setId }) => {
    const before = known.get(setId);
    if (before) return before;
    const event = await acceptanceOf(log, setId);
    if (event) known.set(setId, event);
    return event;
  };
}
