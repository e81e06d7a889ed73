/** Puts ingest together: the folders and buckets it watches, what processes files, the log, the stores. */
import { randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Drop,
  dropName,
  inboxPlaces,
  MonthSpending,
  type OpensSetFiles,
  openSetFile,
  requireApart,
  watchedAt,
} from '@setlist/admission';
import { runId } from '@setlist/contracts';
import { type EventLog, openLogFor } from '@setlist/eventlog';
import { type Logger, orGone, type Running, type ServiceContext } from '@setlist/runtime';
import { type ObjectStore, openStore, storeOptionsOf } from '@setlist/storage';
import { folderDrop } from './adapters/folder-drop.ts';
import { checkInbox, claimedPath, prepareInbox } from './adapters/inbox.ts';
import { Leases } from './adapters/leases.ts';
import { takeInboxes } from './adapters/one-log.ts';
import { type Queue, sqsQueue } from './adapters/sqs-queue.ts';
import type { IngestConfig, IngestSettings } from './config.ts';
import { DropProcessor } from './drop/drop-processor.ts';
import type { Dropped } from './drop/dropped.ts';
import { processDrop } from './drop/on-drop.ts';
import { PriorityGate } from './drop/priority-gate.ts';
import { watchBuckets } from './watch/watch-buckets.ts';
import { watchInbox } from './watch/watch-inbox.ts';

export interface IngestDeps {
  readonly log: EventLog;
  /** Where set files are kept. */
  readonly store: ObjectStore;
  /** Where the audio lands. */
  readonly output: ObjectStore;
  readonly logger: Logger;
  /** How set files are read; by default, large ones in a thread of their own. */
  readonly open?: OpensSetFiles;
  /** How a bucket of INBOX is reached. */
  readonly inboxAt: (uri: string) => ObjectStore;
  /** How a queue is reached. */
  readonly queueAt: (url: string) => Queue;
}

export interface Ingest {
  /**
   * Watches until aborted; resolves when the work in progress has ended or was put off for the next run to continue.
   * Throws an `InboxUnusable` if a folder can't be used from the start. The caller has taken those that others may watch
   * (`takeInboxes`).
   */
  run(signal: AbortSignal): Promise<void>;
  /** Throws if a folder can't be written to, or a bucket can't be listed. */
  checkInboxes(): Promise<void>;
  /** Throws the last failure of a queue that has not answered since. */
  checkQueues(): void;
}

/** Any number of replicas with one log can watch the same folders and buckets. Throws an `InboxUnreadable` or `InboxHoldsStore`. */
export function createIngest(settings: IngestSettings, deps: IngestDeps): Ingest {
  const { log, store, output, logger, inboxAt, queueAt, open = openSetFile } = deps;
  const places = inboxPlaces(settings.INBOX);
  const inboxes = places.folders.map((folder) => resolve(folder));
  const buckets = places.buckets.map((uri) => inboxAt(uri));
  const queues = settings.SQS_QUEUES.map((url) => queueAt(url));
  const queueTroubles = new Map<string, unknown>();
  const watched = { folders: inboxes, buckets: buckets.map(({ uri }) => uri) };
  requireApart(watched.buckets, [store.uri, output.uri]);
  const inboxOf = (prefix: string): string | undefined => watchedAt(output.locate(prefix), watched);
  return {
    async checkInboxes() {
      for (const inbox of inboxes) await checkInbox(inbox);
      for (const bucket of buckets) for await (const _ of bucket.list('')) break;
    },
    checkQueues() {
      for (const trouble of queueTroubles.values()) throw trouble;
    },
    async run(outer) {
      await Promise.all(inboxes.map(prepareInbox));
      // If one watcher fails, the others end too.
      const failed = new AbortController();
      const signal = AbortSignal.any([outer, failed.signal]);
      using month = new MonthSpending(log, signal);
      const dropDeps = {
        log,
        store,
        output,
        inboxOf,
        logger,
        settings,
        open,
        gate: new PriorityGate(),
        position: () => month.position(),
        signal,
        now: () => new Date(),
      };
      await using leases = new Leases({ log, logger });
      const handle = (dropped: Dropped) => processDrop(dropped, dropDeps);
      const processor = new DropProcessor({ processDrop: handle, logger, signal });
      const { SETTLE: settleMs, POLL_EVERY: pollEveryMs, BUCKET_POLL_EVERY } = settings;
      const take = (drop: Drop): void =>
        void processor.take(folderDrop(drop), { bytes: () => bytesOf(drop), hold: () => hold(leases, drop) });
      const watch = { settleMs, pollEveryMs, newRun, take, gate: dropDeps.gate, logger, signal };
      const watched = { inboxes: buckets, queues, queueTroubles, deps: dropDeps, processor, leases };
      const watching = [
        ...inboxes.map((inbox) => watchInbox({ inbox, ...watch })),
        watchBuckets({ ...watched, pollEveryMs: BUCKET_POLL_EVERY, since: settings.INBOX_SINCE }),
      ];
      try {
        await Promise.all(watching);
      } finally {
        failed.abort();
        await Promise.allSettled(watching);
        await processor.drain();
      }
    },
  };
}

const newRun = (): string => runId(new Date(), randomBytes(6));

/** Opens the stores, buckets and queues that the settings name, without connecting to them yet. */
export function openPlaces(
  settings: IngestConfig,
): Pick<IngestDeps, 'store' | 'output' | 'inboxAt' | 'queueAt'> {
  const options = storeOptionsOf(settings);
  const store = openStore(settings.STORE, options);
  return {
    store,
    output: settings.OUTPUT === undefined ? store : openStore(settings.OUTPUT, options),
    inboxAt: (uri) => openStore(uri, options),
    queueAt: (url) => sqsQueue(url, settings.S3_REGION),
  };
}

/** Named by the entry in the folder, since another machine may have mounted the folder elsewhere. */
const hold = (leases: Leases, { run, entry, fileName }: Drop): Promise<AsyncDisposable | undefined> =>
  leases.hold(dropName({ run, uri: entry }), { run, fileName });

/** 0 if the file is gone. */
const bytesOf = async (drop: Drop): Promise<number> =>
  (await orGone(lstat(claimedPath(drop))).catch(() => undefined))?.size ?? 0;

/** SQS_QUEUES without a bucket in INBOX: no message could be about a watched object. */
class QueuesWithoutBucket extends Error {
  override readonly name = 'QueuesWithoutBucket';
  readonly code = 'queues-without-bucket';
  readonly remedy =
    'Name the bucket that writes to the queue in INBOX, such as s3://my-sets/in, or leave SQS_QUEUES out.';
}

/** The service as `runService` starts it. */
export async function startIngest(config: IngestConfig, context: ServiceContext): Promise<Running> {
  const { logger, signal, stack, health } = context;
  const places = openPlaces(config);
  const { store } = places;
  const { folders: named, buckets } = inboxPlaces(config.INBOX);
  const folders = named.map((folder) => resolve(folder));
  if (config.SQS_QUEUES.length > 0 && buckets.length === 0) {
    throw new QueuesWithoutBucket(`SQS_QUEUES is set, but INBOX ${config.INBOX.join(', ')} names no bucket`);
  }
  await Promise.all([store.check(), ...folders.map(prepareInbox)]);
  const log = stack.use(await openLogFor(config, 'setlist-ingest', context));
  await takeInboxes(folders, log, signal);
  const ingest = createIngest(config, { log, logger, ...places });
  await ingest.checkInboxes();
  health.addCheck('broker', () => log.check());
  health.addCheck('inbox', () => ingest.checkInboxes());
  if (config.SQS_QUEUES.length > 0) health.addCheck('queue', () => ingest.checkQueues());
  health.addCheck('store', () => store.check());
  logger.info({ event: 'watching', inboxes: config.INBOX }, `watching ${config.INBOX.join(', ')}`);
  return { done: ingest.run(signal) };
}
