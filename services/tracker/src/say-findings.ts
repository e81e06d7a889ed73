/** Says what the tracker has found, once, however many trackers find it. */
import { type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { count, type Logger, runStep } from '@setlist/runtime';
import { traceOfSet } from './adapters/set-in-log.ts';
import { decide } from './domain/decide.ts';

/** Longest that a tracker waits, after its start, before it calls a set stalled. */
const LONGEST_GRACE_MS = 300_000;

export interface SayOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly stallAfterMs: number;
}

/**
 * Decides by the broker's clock and appends by compare-and-set on the last event of the set's life that the
 * fold has seen. A conflict means that there is a later one, which is on its way to the fold: what then is to
 * be said is decided after it.
 *
 * While all was off nothing moved, and no set is to blame: after the start everybody first gets time to go on.
 */
export function sayFindings({
  log,
  logger,
  stallAfterMs,
}: SayOptions): (summary: SetSummary) => Promise<void> {
  const stallsFromMs = performance.now() + Math.min(stallAfterMs, LONGEST_GRACE_MS);
  return async (summary) => {
    const finding = decide(summary, { now: log.clock.now(), stallAfterMs });
    if (finding === undefined) return;
    if (
      finding.name === 'SetStalled' &&
      (performance.now() < stallsFromMs || (await hasMore(log, summary)))
    ) {
      return;
    }
    const { setId, stateSeq: lastSeq } = summary;
    const place = { parent: await traceOfSet(log, setId), facts: { set: setId, event: finding.name } };
    const appended = await runStep('say finding', place, (step) =>
      log.append(step.mark(finding), { lastSeq }),
    );
    if (appended.kind === 'stored') count('setEvents', 1, { event: finding.name });
    const entry = { event: finding.name, set: setId, round: summary.round };
    if (appended.kind === 'stored') logger.info({ ...entry, seq: appended.seq }, finding.name);
    else
      logger.debug({ ...entry, behind: appended.last?.seq }, `${finding.name}: the set's life went on first`);
  };
}

/** A stall is looked at twice before people hear of it: the fold may not have come as far as the log. */
async function hasMore(log: EventLog, summary: SetSummary): Promise<boolean> {
  for await (const _ of log.read({ subjects: [subjects.ofSet(summary.setId)], from: summary.lastSeq + 1 })) {
    return true;
  }
  return false;
}
