/** A test's own broker, with functions to write events, start trackers, and read the results. */
import { hash } from 'node:crypto';
import {
  EVENTS_STREAM,
  type EventData,
  type EventName,
  type EventOf,
  encodeEvent,
  POSITION_KEY,
  SETS_BUCKET,
  type SetlistEvent,
  type SetSummary,
  setKey,
  subjectOf,
  subjects,
} from '@setlist/contracts';
import { type EventLog, openEventLog, type Recorded } from '@setlist/eventlog';
import { createLogger, loadConfig } from '@setlist/runtime';
import type { SetEvents } from '@setlist/testkit';
import {
  eventually,
  publishRaw,
  startNats,
  startProcess,
  type TestNats,
  type TestProcess,
} from '@setlist/testkit';
import { expect } from 'vitest';
import { z } from 'zod';
import { createTracker, type TrackerSettings, trackerConfig } from '../src/index.ts';
import type { TrackerDeps } from '../src/service.ts';

type Patience = Pick<TrackerDeps, 'stopWithinMs' | 'seenWithinMs' | 'firstFlushMs'>;

interface RunningTracker {
  /** Ends its work and its own connection. Can be called again. */
  stop(): Promise<void>;
}

export interface World extends AsyncDisposable {
  readonly nats: TestNats;
  readonly log: EventLog;
  /** Writes events in order, as ingest and dispatchers do. */
  tell(events: Iterable<SetlistEvent>): Promise<void>;
  /** Overwrites a document of the bucket with any text, JSON or not. */
  tellDocument(key: string, text: string): Promise<void>;
  /** Writes an event as a future version would. */
  tellUnreadable(event: SetlistEvent): Promise<void>;
  startTracker(settings?: Partial<TrackerSettings>, patience?: Patience): Promise<RunningTracker>;
  /** A tracker in a process of its own, to be killed. */
  startTrackerProcess(settings?: Record<string, string>): Promise<TestProcess>;
  /** Null if there is none yet. */
  summary(setId: string): Promise<SetSummary | null>;
  /** The stall in the set's summary, if any. */
  stall(setId: string): Promise<NonNullable<SetSummary['stalled']> | null>;
  /** By key, each projection's `lastSeq` and a digest of its document. */
  projections(): Promise<Record<string, string>>;
  /** The same, once everything in the log is in them. */
  settledProjections(): Promise<Record<string, string>>;
  deleteProjections(): Promise<void>;
  /** The events of this name in a set's life. */
  said<N extends EventName>(name: N, setId: string): Promise<{ record: Recorded; data: EventData<N> }[]>;
}

export async function openWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
  const logger = createLogger({ service: 'tracker', level: 'silent' });
  const keys = async (): Promise<string[]> => (await log.sets.keys('>')).sort();
  const summary = async (setId: string): Promise<SetSummary | null> =>
    (await log.sets.get<SetSummary>(setKey(setId)))?.value ?? null;
  const projections = async (): Promise<Record<string, string>> => {
    const digests: Record<string, string> = {};
    for (const key of await keys()) {
      const document = await log.sets.get<{ lastSeq: number }>(key);
      const digest = hash('sha256', JSON.stringify(document?.value));
      digests[key] = `${document?.value.lastSeq} ${digest}`;
    }
    return digests;
  };
  const open = stack.move();
  return {
    nats,
    log,
    tell: async (events) => void (await log.appendAll(events)),
    tellDocument: (key, text) => publishRaw(nats.url, `$KV.${SETS_BUCKET}.${key}`, text),
    tellUnreadable: (event) => publishAsOfLater(nats.url, event),
    startTracker: async (settings = {}, patience = {}) => {
      const times = { STALL_AFTER: 3_600_000, FLUSH_EVERY: 20 };
      const defaults = loadConfig(trackerConfig, { NATS_URL: nats.url, MANIFESTS: 'false' });
      const own = open.use(await openEventLog({ servers: nats.url, name: 'tracker' }));
      const stopping = new AbortController();
      const tracker = createTracker(
        { ...defaults, ...times, ...settings },
        { log: own, logger, ...patience },
      );
      const running = tracker.run(stopping.signal);
      const stop = async (): Promise<void> => {
        stopping.abort();
        await running.catch(() => undefined);
        await own[Symbol.asyncDispose]();
      };
      open.defer(stop);
      // Once this is answered, the broker has the tracker's subscriptions to commands.
      await own.check();
      return { stop };
    },
    startTrackerProcess: async (settings = {}) => {
      const entry = new URL('../src/main.ts', import.meta.url).pathname;
      const basic = { NATS_URL: nats.url, FLUSH_EVERY: '20ms', LOG_FORMAT: 'json', MANIFESTS: 'false' };
      const env = { ...basic, ...settings };
      return open.use(await startProcess({ name: 'tracker', entry, env }));
    },
    summary,
    stall: async (setId) => (await summary(setId))?.stalled ?? null,
    projections,
    settledProjections: async () => {
      await eventually(async () => {
        const position = await log.sets.get<{ lastSeq: number }>(POSITION_KEY);
        return position?.value.lastSeq === (await log.head());
      });
      return projections();
    },
    deleteProjections: async () => {
      for (const key of await keys()) await log.sets.delete(key);
    },
    said: async <N extends EventName>(name: N, setId: string) => {
      const found: { record: Recorded; data: EventData<N> }[] = [];
      for await (const record of log.read({ subjects: [subjects.state(setId)] })) {
        if (record.event?.name === name) found.push({ record, data: record.event.data as EventData<N> });
      }
      return found;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function publishAsOfLater(url: string, event: SetlistEvent): Promise<void> {
  const text = Buffer.from(encodeEvent(event)).toString();
  return publishRaw(url, subjectOf(event), text.replace(/\.v\d+"/, '.v99"'));
}

/** A set's acceptance and the requests for all of its items. */
export function* asked(set: SetEvents, items: number): Generator<SetlistEvent> {
  yield set.accepted();
  for (let index = 0; index < items; index++) yield set.requested(index);
}

/** The request for an item in a later round, as a tracker makes it. */
export const requestedAgain = (set: SetEvents, index: number, round = 2): EventOf<'ItemRequested'> => ({
  ...set.requested(index, round),
  causationId: `${set.id}/retried/${round}`,
});

/** Writes events without the ids by which the broker could drop a repeat. */
export async function tellWithoutIds({ log }: World, events: readonly SetlistEvent[]): Promise<void> {
  for (const event of events) {
    const lastSeq = (await log.last(subjectOf(event)))?.seq ?? 0;
    await log.append(event, { lastSeq });
  }
}

/** The requests for second and later attempts, in the log's order. */
export async function askedAgain({ log }: World, setId: string): Promise<EventOf<'ItemRequested'>[]> {
  const found: EventOf<'ItemRequested'>[] = [];
  for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (event?.name === 'ItemRequested' && event.data.attempt > 1) found.push(event);
  }
  return found;
}

export const indexesOf = (requests: readonly EventOf<'ItemRequested'>[]): number[] =>
  requests.map(({ data }) => data.index).sort((a, b) => a - b);

export const UNLIMITED = -1;

/** The broker refuses what exceeds the limit in the same way as what its disk has no room for. */
export async function limitLog({ log }: World, maxEvents: number): Promise<void> {
  const { config } = z
    .object({ config: z.looseObject({}) })
    .parse(await log.ask(`$JS.API.STREAM.INFO.${EVENTS_STREAM}`, {}));
  const limited = await log.ask(`$JS.API.STREAM.UPDATE.${EVENTS_STREAM}`, { ...config, max_msgs: maxEvents });
  expect(limited).toMatchObject({ config: { max_msgs: maxEvents } });
}

/** The items of a set that fail in {@link outcomes}. */
export const failedOf = (items: number): number[] =>
  Array.from({ length: items }, (_, index) => index).filter((index) => index % 10 === 9);

/** Outcomes of the items from index `from` up to, but not including, `to`; every tenth fails. */
export function* outcomes(set: SetEvents, from: number, to: number): Generator<SetlistEvent> {
  for (let index = from; index < to; index++)
    yield index % 10 === 9 ? set.failed(index) : set.completed(index);
}
