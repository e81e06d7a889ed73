/** Reads the log to somebody, at their speed. It holds nothing that could call, send or store: see the architecture check. */
import { subjects } from '@setlist/contracts';
import type { EventLog, LogExtent, Recorded } from '@setlist/eventlog';
import { sleepAtMost } from '@setlist/runtime';
import { isAfter, type Moment } from '../moment.ts';
import { cloudEventLine } from './cloud-event-line.ts';
import { isOfType } from './event-types.ts';

export interface ReplayOptions {
  /** Only this set's events; those of sounds belong to no set. */
  readonly setId?: string | undefined;
  /** Only these CloudEvents types, see `eventTypeOf`. */
  readonly types?: readonly string[] | undefined;
  /** The first to be told, and the last; all of the log where left out. */
  readonly from?: Moment | undefined;
  readonly to?: Moment | undefined;
  /** Goes on with what is new, until `to` has gone by, or the signal. */
  readonly follow?: boolean | undefined;
  /** Hears of messages that are no CloudEvents documents, and are passed over. */
  readonly onUnreadable?: (record: Recorded) => void;
  /** Hears, before the first line, of what is in archives, where events of this stretch may be. */
  readonly onArchived?: (archived: LogExtent['archived']) => void;
}

type Log = Pick<EventLog, 'read' | 'follow' | 'at' | 'head' | 'extent' | 'clock'>;

const LOOK_EVERY_MS = 500;
/** What the broker stored at the last moment is to be seen by then, too. */
const CLOCKS_DIFFER_MS = 1_000;

/**
 * The events as lines of JSON, oldest first. The next batch is asked of the broker only when the lines of the one
 * before have been taken: a slow reader costs time and no memory.
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

/** What is in archives, where events of the stretch may be; of a set all events are there, or none. */
async function archivedIn(
  log: Log,
  { setId, from = { seq: 1 } }: ReplayOptions,
): Promise<LogExtent['archived'] | undefined> {
  const { archived } = await log.extent();
  if (archived.events === 0 || setId !== undefined) return undefined;
  const first = 'seq' in from ? from.seq : await firstSeqSince(log, from.time);
  // What is missing just before the first that came since may have come since, too.
  const isWhole = first > archived.upToSeq && ('seq' in from || (await log.at(first - 1)) !== undefined);
  return isWhole ? undefined : archived;
}

/** One more than the log's last where nothing came since. */
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
  if (to === undefined) return yield* log.follow(selection, signal);
  using end = watchFor(log, to, signal);
  let next = selection;
  for await (const record of log.follow(selection, end.signal)) {
    yield record;
    next = { ...selection, from: record.seq + 1 };
  }
  // What was stored in time may not have come yet.
  if (await end.hasCome()) yield* log.read(next);
}

/** Watches for the moment behind which nothing can come that is still to be told, whether anything comes or not. */
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
