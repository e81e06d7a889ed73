/** Appends each finding of the tracker once, however many trackers make it. */
import { duration, type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { count, type Logger, runStep } from '@setlist/runtime';
import { traceOfSet } from './adapters/set-in-log.ts';
import { decide, type Finding } from './domain/decide.ts';
import type { StallGrace } from './stall-grace.ts';

export interface AppendFindingsOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly stallAfterMs: number;
  readonly grace: StallGrace;
}

/**
 * Decides by the broker's clock and appends by compare-and-set on the last event of the set's life that the fold has
 * seen. A conflict means that a later event is on its way to the fold: the next decision is made after it.
 */
export function appendFindings({
  log,
  logger,
  stallAfterMs,
  grace,
}: AppendFindingsOptions): (summary: SetSummary) => Promise<void> {
  return async (summary) => {
    const finding = decide(summary, { now: log.clock.now(), stallAfterMs });
    if (finding === undefined) return;
    if (finding.name === 'SetStalled' && !(await isStillQuiet(summary, log, grace))) return;
    const { setId, stateSeq: lastSeq } = summary;
    const place = { parent: await traceOfSet(log, setId), facts: { set: setId, event: finding.name } };
    const appended = await runStep('say finding', place, (step) =>
      log.append(step.mark(finding), { lastSeq }),
    );
    const entry = { event: finding.name, set: setId, round: summary.round };
    if (appended.kind === 'stored') {
      if (appended.already) return;
      count('setEvents', 1, { event: finding.name });
      logFound(finding, { ...entry, seq: appended.seq }, logger);
    } else
      logger.debug(
        { ...entry, behind: appended.last?.seq },
        `${finding.name}: the set's life moved on first`,
      );
  };
}

/** A stall needs somebody to look after it. */
function logFound(
  finding: Finding,
  entry: { readonly set: string; readonly seq: number },
  logger: Logger,
): void {
  if (finding.name !== 'SetStalled') {
    logger.info(entry, finding.name);
    return;
  }
  const { counts, sinceSeq, since, quietMs } = finding.data;
  const remedy =
    'See what the dispatchers’ logs warn of, how much the provider throttles, whether broker and dispatchers are ready, and whether a dispatcher serves the set’s provider.';
  logger.warn(
    { ...entry, counts, sinceSeq, since, quietMs, remedy },
    `${entry.set} has stalled: nothing has moved for ${duration(quietMs)}`,
  );
}

/** Checks a stall against the log before it is reported: the fold may be behind the log. */
async function isStillQuiet(summary: SetSummary, log: EventLog, grace: StallGrace): Promise<boolean> {
  if (!grace.isOver) return false;
  const selection = { subjects: [subjects.ofSet(summary.setId)], from: summary.lastSeq + 1 };
  for await (const _ of log.read(selection)) return false;
  // The answer may have been delayed by a broker outage.
  await grace.hear();
  return grace.isOver;
}
