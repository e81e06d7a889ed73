/** Appends each finding of the tracker once, however many trackers make it. */
import { type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { count, type Logger, runStep } from '@setlist/runtime';
import { traceOfSet } from './adapters/set-in-log.ts';
import { decide } from './domain/decide.ts';
import type { StallGrace } from './stall-grace.ts';

export interface SayOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly stallAfterMs: number;
  readonly grace: StallGrace;
}

/**
 * Decides by the broker's clock and appends by compare-and-set on the last event of the set's life that the fold has
 * seen. A conflict means that a later event is on its way to the fold: the next decision is made after it.
 */
export function sayFindings({
  log,
  logger,
  stallAfterMs,
  grace,
}: SayOptions): (summary: SetSummary) => Promise<void> {
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
      logger.info({ ...entry, seq: appended.seq }, finding.name);
    } else
      logger.debug(
        { ...entry, behind: appended.last?.seq },
        `${finding.name}: the set's life moved on first`,
      );
  };
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
