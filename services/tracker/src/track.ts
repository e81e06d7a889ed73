/** The tracker's work: take stock, then fold, flush, request retries, look for stalls, and write manifests. */
import { MANIFESTS_DURABLE } from '@setlist/contracts';
import { type EventLog, LogEndLost } from '@setlist/eventlog';
import { type Logger, observe, sleep, sleepAtMost } from '@setlist/runtime';
import {
  expectOfThisLog,
  LogLost,
  Projections,
  ProjectionsLost,
  ProjectionsWentBack,
  takeStock,
} from '@setlist/sets';
import { appendFindings } from './append-findings.ts';
import { foldLog } from './fold-log.ts';
import type { PlaceManifestOptions } from './place-manifest.ts';
import { requestRetries } from './request-retries.ts';
import { setsByState } from './sets-by-state.ts';
import { StallGrace } from './stall-grace.ts';
import { writeManifests } from './write-manifests.ts';

export interface TrackOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly stallAfterMs: number;
  readonly flushEveryMs: number;
  /** How many pages of items can be in memory at once. */
  readonly maxPages: number;
  /** The stores that manifests are written to; if missing, none are written. */
  readonly storeAt?: PlaceManifestOptions['storeAt'] | undefined;
  /** How long a stop waits for manifests that are due, in ms. */
  readonly manifestsWithinMs: number;
  /** How long another tracker's first flush may take, from the first document to the position, in ms. */
  readonly firstFlushMs: number;
}

const LONGEST_BETWEEN_STALL_CHECKS_MS = 60_000;
/** How far apart the looks are that find out whether another tracker writes manifests. */
const LONGEST_BETWEEN_READER_LOOKS_MS = 5_000;
const LONGEST_GRACE_MS = 300_000;
const LOOK_EVERY_MS = 50;

/**
 * Tracks until aborted. If the projections turn out to be lost, rebuilds all of them from the log; if the log has lost its
 * end, starts over with what it still has.
 */
export async function track(options: TrackOptions, signal: AbortSignal): Promise<void> {
  const { log, logger } = options;
  while (!signal.aborted) {
    try {
      await trackOn(await openProjections(options, signal), options, signal);
    } catch (error) {
      const isCheckedAgain = error instanceof ProjectionsWentBack || error instanceof LogEndLost;
      if (!(error instanceof ProjectionsLost || isCheckedAgain)) throw error;
      const isLost = error instanceof ProjectionsLost;
      const what = isLost ? 'Rebuilding all projections' : 'Checking the projections again';
      logger.warn({ event: error.code, err: error }, `${what}: ${error.message}.`);
      // What the broker remembers of finished records is of lost events too: new ones would be passed over.
      if (error instanceof LogLost || error instanceof LogEndLost) await log.removeConsumers();
      if (isLost) await log.sets.deleteAll();
    }
  }
}

/** Opens the projections as they were left. @throws ProjectionsLost */
async function openProjections(
  { log, logger, maxPages, firstFlushMs }: TrackOptions,
  signal: AbortSignal,
): Promise<Projections> {
  const projections = new Projections(log.sets, maxPages);
  // The position is written last: it may be missing because another tracker's first flush is in progress.
  const patientUntil = performance.now() + firstFlushMs;
  const isMissing = async (): Promise<boolean> =>
    (await projections.readPosition()) === undefined && (await log.sets.keys('>')).length > 0;
  while ((await isMissing()) && performance.now() < patientUntil) await sleep(LOOK_EVERY_MS, signal);
  await takeStock(log, projections);
  const position = projections.position?.lastSeq ?? 0;
  const openSets = [...projections.openSets()].length;
  logger.info({ event: 'folding', position, openSets }, `folding on from event ${position}`);
  return projections;
}

async function trackOn(projections: Projections, options: TrackOptions, signal: AbortSignal): Promise<void> {
  const { log, logger, stallAfterMs, flushEveryMs, storeAt, manifestsWithinMs } = options;
  using _sets = observe('sets', () => setsByState(projections.openSets()));
  const betweenStallChecksMs = Math.min(stallAfterMs / 10, LONGEST_BETWEEN_STALL_CHECKS_MS);
  const betweenReaderLooksMs = Math.min(betweenStallChecksMs, LONGEST_BETWEEN_READER_LOOKS_MS);
  const graceMs = Math.min(stallAfterMs, LONGEST_GRACE_MS);
  const grace = new StallGrace({
    log,
    graceMs,
    hearEveryMs: betweenStallChecksMs,
    now: () => performance.now(),
  });
  const appendFinding = appendFindings({ log, logger, stallAfterMs, grace });
  const lookAround = async (): Promise<void> => {
    await grace.hear();
    if (projections.position) await expectOfThisLog(log, projections.position);
    for (const summary of [...projections.openSets()]) await appendFinding(summary);
  };
  // A tracker that wrote manifests left this consumer: because of it, sets would wait for their manifests.
  const forget = (ending: AbortSignal): Promise<void> =>
    again(
      () => log.removeUnread(MANIFESTS_DURABLE, betweenReaderLooksMs, ending),
      betweenStallChecksMs,
      ending,
    );
  await sideBySide(
    [
      (ending) => foldLog({ log, projections, logger, stallAfterMs, appendFinding }, ending),
      (ending) => again(() => projections.flush(), flushEveryMs, ending),
      (ending) => requestRetries({ log, logger }, ending),
      (ending) => again(lookAround, betweenStallChecksMs, ending),
      storeAt
        ? (ending) => writeManifests({ log, logger, storeAt, stopWithinMs: manifestsWithinMs }, ending)
        : forget,
    ],
    signal,
  );
  await projections.flush();
}

/** Repeats the work with pauses until aborted. */
async function again(work: () => Promise<void>, pauseMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work();
    await sleepAtMost(pauseMs, signal);
  }
}

type Task = (ending: AbortSignal) => Promise<void>;

/** Runs tasks until all have ended; when one ends, or on abort, the others end too. @throws the first failure */
async function sideBySide(tasks: readonly Task[], signal: AbortSignal): Promise<void> {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const ends = await Promise.allSettled(tasks.map((task) => task(either).finally(() => ending.abort())));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
