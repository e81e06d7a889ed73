/** Watches the buckets of INBOX by lists and queues, and continues with sets that were left unfinished. */
import { rm } from 'node:fs/promises';
import { settlesWithin } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { Leases } from '../adapters/leases.ts';
import { RunMarkers } from '../adapters/run-markers.ts';
import type { Queue } from '../adapters/sqs-queue.ts';
import { temporaryFolder } from '../adapters/temporary-file.ts';
import type { DropDeps } from '../drop/drop-deps.ts';
import type { DropProcessor } from '../drop/drop-processor.ts';
import { BucketInbox } from './watch-bucket.ts';
import { watchQueue } from './watch-queue.ts';

export interface WatchBucketsOptions {
  readonly inboxes: readonly ObjectStore[];
  readonly queues: readonly Queue[];
  /** Gets the last failure of each queue, by its URL, until it answers again. */
  readonly queueTroubles: Map<string, unknown>;
  readonly deps: Pick<DropDeps, 'log' | 'store' | 'logger' | 'signal'>;
  readonly processor: Pick<DropProcessor, 'take'>;
  readonly leases: Leases;
  readonly pollEveryMs: number;
  /** Objects that were last written before this are skipped. */
  readonly since?: Date | undefined;
}

/** How long the end may take, in ms, to release leases so that other replicas need not wait for them to run out. */
const PATIENCE_MS = 2_000;

/** Watches until aborted. Throws if at the start the store can't be read, or no temporary folder can be made. */
export async function watchBuckets(options: WatchBucketsOptions): Promise<void> {
  const { inboxes, queues, queueTroubles: troubles, deps, since } = options;
  if (inboxes.length === 0) return;
  if (since !== undefined) {
    const entry = { event: 'inbox-since', since };
    deps.logger.info(
      entry,
      `objects in buckets that were last written before ${since.toISOString()} are skipped`,
    );
  }
  const markers = new RunMarkers(deps.store);
  await markers.load();
  const folder = await temporaryFolder('setlist-ingest-');
  const watched = inboxes.map((inbox) => new BucketInbox({ ...options, inbox, markers, folder }));
  try {
    await Promise.all([
      ...watched.map((inbox) => inbox.resume()),
      ...watched.map((inbox) => inbox.watch()),
      ...queues.map((queue) =>
        watchQueue({ queue, inboxes: watched, troubles, logger: deps.logger, signal: deps.signal }),
      ),
    ]);
  } finally {
    await settlesWithin(PATIENCE_MS, Promise.all(watched.map((inbox) => inbox.ended())));
    await rm(folder, { recursive: true, force: true });
  }
}
