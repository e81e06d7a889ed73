/** How sets stood at a moment of the past: folded from the log up to there, from the nearest snapshot on. */
import { newestFirst, type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog, LogExtent, Recorded } from '@setlist/eventlog';
import { Shadow } from './fold/shadow.ts';
import { ShadowSet } from './fold/shadow-set.ts';
import type { Snapshots } from './fold/snapshots.ts';
import { EVENTS_BETWEEN_SNAPSHOTS, isWorthKeeping } from './fold/spacing.ts';
import { isAfter, type Moment } from './moment.ts';

type Log = Pick<EventLog, 'read' | 'at' | 'head' | 'extent'>;

export interface AsOf {
  /** Sequence of the last event that counted. */
  readonly seq: number;
  readonly sets: readonly SetSummary[];
  /** How many events had to be folded, and from which snapshot on; 0: from the beginning. */
  readonly folded: number;
  readonly fromSnapshot: number;
  /** What is in archives, where sets of that moment are: they are not among these. */
  readonly archived?: LogExtent['archived'];
}

export interface LookOptions {
  /** How many events lie between the newest of the snapshots that are kept on the way. */
  readonly every?: number;
  /** Told after each so many how many events have been folded. */
  readonly onProgress?: (folded: number) => void;
}

/**
 * All sets at a moment, newest first. A first look folds the whole log up to there and keeps snapshots on its way;
 * a later one begins at the nearest.
 */
export async function allSetsAsOf(
  log: Log,
  moment: Moment,
  snapshots: Snapshots,
  { every = EVENTS_BETWEEN_SNAPSHOTS, onProgress }: LookOptions = {},
): Promise<AsOf> {
  const last = await lastSeqAt(log, moment);
  const known = await snapshots.newest(log, last);
  const shadow = known ?? new Shadow();
  const { generation, lastSeq, archived } = await log.extent();
  const spacing = { every, lastSeq };
  const fromSnapshot = shadow.position;
  let folded = 0;
  /** They make later looks faster, and this one needs none: where they can't be kept, it goes on without. */
  let keeping: Snapshots | undefined = snapshots;
  if (fromSnapshot < last) {
    for await (const record of log.read({ from: fromSnapshot + 1 })) {
      if (record.seq > last) break;
      shadow.apply(record);
      folded++;
      if (isWorthKeeping(record.seq, spacing))
        await keeping?.keep(shadow, { record, generation }).catch(() => {
          keeping = undefined;
        });
      if (record.seq % every === 0) onProgress?.(folded);
      if (record.seq === last) break;
    }
    await snapshots.thin(generation, spacing);
  }
  const sets = [...shadow.sets.values()].flatMap(({ summary }) => summary ?? []);
  const lacks = last <= archived.upToSeq && archived.events > 0;
  return { seq: last, sets: sets.sort(newestFirst), folded, fromSnapshot, ...(lacks && { archived }) };
}

/** One set at a moment, by its own events alone, and by a snapshot where there is one. */
export async function setAsOf(
  log: Log,
  moment: Moment,
  setId: string,
  snapshots?: Snapshots,
): Promise<AsOf & { readonly set: ShadowSet }> {
  const last = await lastSeqAt(log, moment);
  const known = await snapshots?.newest(log, last);
  const set = known?.sets.get(setId) ?? new ShadowSet(setId);
  let folded = 0;
  for await (const record of log.read({
    subjects: [subjects.ofSet(setId)],
    from: (known?.position ?? 0) + 1,
  })) {
    if (record.seq > last) break;
    set.apply(record);
    folded++;
  }
  const sets = set.summary ? [set.summary] : [];
  return { seq: last, sets, folded, fromSnapshot: known?.position ?? 0, set };
}

/** The last sequence that counts; the log's head where the moment lies behind it. */
async function lastSeqAt(log: Log, moment: Moment): Promise<number> {
  const head = await log.head();
  if ('seq' in moment) return Math.min(moment.seq, head);
  const next = await firstAfter(log, moment);
  return next === undefined ? head : next.seq - 1;
}

async function firstAfter(log: Log, moment: Moment & { time: Date }): Promise<Recorded | undefined> {
  for await (const record of log.read({ from: moment.time })) if (isAfter(moment, record)) return record;
  return undefined;
}
