/** Puts ingest together: the folders it watches, the crew that deals with what is claimed, the log, the stores. */
import { randomBytes } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runId } from '@setlist/contracts';
import { type EventLog, openLogFor } from '@setlist/eventlog';
import type { Logger, Running, ServiceContext } from '@setlist/runtime';
import { type ObjectStore, openStore, storeOptionsOf } from '@setlist/storage';
import { prepareInbox } from './adapters/inbox.ts';
import { type ParseSetFile, parseOffThread } from './adapters/parse-off-thread.ts';
import type { IngestConfig, IngestSettings } from './config.ts';
import { Crew } from './crew.ts';
import { settleDrop } from './on-drop.ts';
import { watchInbox } from './watch-inbox.ts';

export interface IngestDeps {
  readonly log: EventLog;
  /** Where set files are kept. */
  readonly store: ObjectStore;
  /** Where the audio lands; `store` unless given. */
  readonly output?: ObjectStore;
  readonly logger: Logger;
  /** How set files are parsed; large ones in a thread of their own unless given. */
  readonly parse?: ParseSetFile;
}

export interface Ingest {
  /**
   * Watches until aborted; resolves when what was in hand has ended or was put off. What was put off is gone on with by
   * the next run. Throws an `InboxUnusable` where a folder can't be used from the start.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Throws where a folder can't be written to. */
  checkInboxes(): Promise<void>;
}

/** Any number of replicas may watch the same folders. */
export function createIngest(settings: IngestSettings, deps: IngestDeps): Ingest {
  const { log, store, output = store, logger, parse = parseOffThread } = deps;
  const inboxes = [...new Set(settings.INBOX.map((folder) => resolve(folder)))];
  return {
    async checkInboxes() {
      for (const inbox of inboxes) await access(inbox, constants.W_OK);
    },
    async run(outer) {
      await Promise.all(inboxes.map(prepareInbox));
      // Should one watcher fail, the others end too.
      const failed = new AbortController();
      const signal = AbortSignal.any([outer, failed.signal]);
      const desk = { log, store, output, logger, settings, parse, signal, now: () => new Date() };
      const crew = new Crew({ settle: (drop) => settleDrop(drop, desk), logger, signal });
      const watching = inboxes.map((inbox) =>
        watchInbox({
          inbox,
          settleMs: settings.SETTLE,
          pollEveryMs: settings.POLL_EVERY,
          newRun: () => runId(new Date(), randomBytes(6)),
          take: (drop) => crew.take(drop),
          logger,
          signal,
        }),
      );
      try {
        await Promise.all(watching);
      } finally {
        failed.abort();
        await Promise.allSettled(watching);
        await crew.disband();
      }
    },
  };
}

/** The service as `runService` starts it. */
export async function startIngest(config: IngestConfig, context: ServiceContext): Promise<Running> {
  const { logger, signal, onShutdown, health } = context;
  const options = storeOptionsOf(config);
  const store = openStore(config.STORE, options);
  const output = config.OUTPUT === undefined ? store : openStore(config.OUTPUT, options);
  await Promise.all([store.check(), ...config.INBOX.map((folder) => prepareInbox(resolve(folder)))]);
  const log = await openLogFor(config, 'ingest');
  onShutdown('event log', () => log[Symbol.asyncDispose]());
  const ingest = createIngest(config, { log, store, output, logger });
  health.addCheck('broker', () => log.check());
  health.addCheck('inbox', () => ingest.checkInboxes());
  health.addCheck('store', () => store.check());
  logger.info({ event: 'watching', inboxes: config.INBOX }, `watches ${config.INBOX.join(', ')}`);
  return { done: ingest.run(signal) };
}
