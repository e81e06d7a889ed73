/** Replays the log at the reader's speed. The architecture check ensures that it can't call, send or store anything. */
import { subjects } from '@setlist/contracts';
import type { EventLog, LogExtent, Recorded } from '@setlist/eventlog';
import { sleepAtMost } from '@setlist/runtime';
import { isAfter, type Moment } from '../moment.ts';
import { cloudEventLine } from './cloud-event-line.ts';
import { isOfType } from './event-types.ts';

export interface ReplayOptions {
  /** Only this set's events; events of sounds belong to no set. */
  readonly setId?: string | undefined;
  /** Only these CloudEvents types, see `eventTypeOf`; all where left out. */
  readonly types?: readonly string[] | undefined;
  /** The first and the last moment to replay; the whole log where left out. */
  readonly from?: Moment | undefined;
  readonly to?: Moment | undefined;
  /** Continues with new events until `to` has passed, or until the signal. */
  readonly follow?: boolean | undefined;
  /** Receives messages that are not CloudEvents documents, which are skipped. */
  readonly onUnreadable?: (record: Recorded) => void;
  /** Called before the first line where archived events may belong to this range. */
  readonly onArchived?: (archived: LogExtent['archived']) => void;
}

type Log = Pick<EventLog, 'read' | 'follow' | 'at' | 'head' | 'extent' | 'clock'>;

const LOOK_EVERY_MS = 500;
/** How long, in ms, to wait beyond `to` before its end counts as reached: the clocks may differ. */
const CLOCKS_DIFFER_MS = 1_000;

/**
 * The events as lines of JSON, oldest first. The next batch is requested from the broker only once the reader has taken
 * the lines of the previous one: a slow reader costs time, not memory.
 */
export async function* replay(
  log: Log,
  options: ReplayOptions = {},
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const { to, types = [], onUnreadable, onArchived } = options;
  const archived = onArchived && (await archivedIn(log, options));
  if (archived) onArchived(archived);
  for await (const record of recordsOf(log, options, signal)) {
    if (signal?.aborted || (to && isAfter(to, record))) return;
    const line = cloudEventLine(record);
    if (line === undefined) onUnreadable?.(record);
    else if (types.length === 0 || isOfType(types, record)) yield line;
    if (to && 'seq' in to && record.seq === to.seq) return;
  }
}

/** The archived events, where some may belong to the range; a set's events are archived all together or not at all. */
async function archivedIn(
  log: Log,
  { setId, from = { seq: 1 } }: ReplayOptions,
): Promise<LogExtent['archived'] | undefined> {
  const { archived } = await log.extent();
  if (archived.events === 0 || setId !== undefined) return undefined;
  const first = 'seq' in from ? from.seq : await firstSeqSince(log, from.time);
  // An event missing just before the first one since that time may have been stored since that time too.
  const isWhole = first > archived.upToSeq && ('seq' in from || (await log.at(first - 1)) !== undefined);
  return isWhole ? undefined : archived;
}

/** Sequence of the first event since a time; one more than the log's last where there is none. */
async function firstSeqSince(log: Log, time: Date): Promise<number> {
  for await (const { seq } of log.read({ from: time })) return seq;
  return (await log.head()) + 1;
}

async function* recordsOf(
  log: Log,
  { setId, from, to, follow }: ReplayOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<Recorded> {
  const selection: Parameters<Log['read']>[0] = {
    ...(setId === undefined ? {} : { subjects: [subjects.ofSet(setId)] }),
    ...(from === undefined ? {} : { from: 'seq' in from ? Math.max(1, from.seq) : from.time }),
  };
  if (!follow) return yield* log.read(selection);
  using end = to && watchFor(log, to, signal);
  let next = selection;
  // A follower that is to begin beyond the log's end begins at the end.
  const first = from !== undefined && 'seq' in from ? from.seq : 1;
  for await (const record of log.follow(selection, end?.signal ?? signal)) {
    if (record.seq < first) continue;
    yield record;
    next = { ...selection, from: record.seq + 1 };
  }
  // Events stored in time may not have arrived yet.
  if (await end?.hasCome()) yield* log.read(next);
}

/** Watches for the point after which no event up to `to` can still be stored, whether or not any events arrive. */
function watchFor(log: Log, to: Moment, signal?: AbortSignal) {
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  const isPast = async (): Promise<boolean> =>
    'seq' in to ? (await log.head()) >= to.seq : log.clock.now() > to.time.getTime() + CLOCKS_DIFFER_MS;
  const watch = async (): Promise<void> => {
    while (!either.aborted && !(await isPast())) await sleepAtMost(LOOK_EVERY_MS, either);
  };
  const watching = watch().finally(() => ending.abort());
  watching.catch(() => undefined);
  return {
    signal: either,
    hasCome: async (): Promise<boolean> => {
      if (!ending.signal.aborted || signal?.aborted) return false;
      await watching;
      return true;
    },
    [Symbol.dispose]: () => ending.abort(),
  };
}
