/** The state of sets at a moment of the past: folded from the nearest snapshot up to that moment. */
import { newestFirst, type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog, LogExtent, Recorded } from '@setlist/eventlog';
import { Shadow } from './fold/shadow.ts';
import { ShadowSet } from './fold/shadow-set.ts';
import type { Snapshots } from './fold/snapshots.ts';
import { EVENTS_BETWEEN_SNAPSHOTS, isWorthKeeping } from './fold/spacing.ts';
import { isAfter, type Moment } from './moment.ts';

type Log = Pick<EventLog, 'read' | 'at' | 'head' | 'extent'>;

export interface AsOf {
  /** Sequence of the last event included. */
  readonly seq: number;
  readonly sets: readonly SetSummary[];
  /** How many events had to be folded. */
  readonly folded: number;
  /** Sequence of the snapshot that the fold started from; 0 for the beginning of the log. */
  readonly fromSnapshot: number;
  /** The archived events, where sets of that moment may be among them and so missing from `sets`. */
  readonly archived?: LogExtent['archived'];
}

export interface LookOptions {
  /** The least number of events between two snapshots that are kept on the way. */
  readonly every?: number;
  /** Called about every `every` events with the number folded so far. */
  readonly onProgress?: (folded: number) => void;
}

/**
 * All sets at a moment, newest first. The first look folds the whole log up to that moment and keeps snapshots on the
 * way; later looks start from the nearest one.
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
  /** Snapshots only make later looks faster: where one can't be kept, this look continues without. */
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

/** One set at a moment, from its own events only, and from a snapshot where there is one. */
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

/** Sequence of the last event up to the moment; the log's last where the moment lies after it. */
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
