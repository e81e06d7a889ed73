/** The log as services see it: the one entry point to everything on the broker. */
import type { SetlistEvent } from '@setlist/contracts';
import { settlesWithin } from '@setlist/runtime';
import { type Appended, type AppendedAll, appendAll, appendExpecting, type Expectation } from './append.ts';
import { type BrokerClock, startBrokerClock } from './broker-clock.ts';
import type { BrokerUnavailable } from './connection/broker-unavailable.ts';
import { type Connection, type ConnectOptions, openOn } from './connection/connection.ts';
import { ensureTopology, type TopologyOptions } from './connection/topology.ts';
import { type Documents, documentsIn } from './documents.ts';
import { type PermitOptions, Permits } from './permits/permits.ts';
import { follow, readToHead } from './reading/follow.ts';
import { known, type StoredEvent, untilEndLost } from './reading/known-end.ts';
import {
  atSeq,
  type Delivered,
  extentOf,
  firstOn,
  headOf,
  type LogExtent,
  lastOn,
  lastOnAtLeader,
  type Recorded,
} from './reading/read.ts';
import type { Selection } from './reading/selection.ts';
import { answer, ask, onHint } from './requests.ts';
import {
  type DurableOptions,
  type Handout,
  handedOutUpTo,
  readDurable,
  removeUnread,
  unfinishedAfter,
} from './work/durable.ts';
import {
  closeLane,
  type ExistingLane,
  existingLanes,
  type Lane,
  type LaneOptions,
  LaneReader,
  openLane,
  removeConsumers,
} from './work/work.ts';

export interface EventLog extends AsyncDisposable {
  /** The name under which a service reports it while waiting for it to close. */
  readonly [Symbol.toStringTag]: 'event log';
  /** The broker's clock, on which all decisions about time are based. */
  readonly clock: BrokerClock;
  /** Projections of sets. */
  readonly sets: Documents;
  /** What processes agree on: shared quotas, leases of drops, reservations under the monthly cap, the id of the log. */
  readonly coordination: Documents;
  /** Writes that must not take effect twice or override a later one; they expire after a day. */
  readonly requests: Documents;

  /** Appends by compare-and-set on the event's subject; tries until the broker answers, or the signal aborts. */
  append(event: SetlistEvent, expected: Expectation, signal?: AbortSignal): Promise<Appended>;
  /**
   * Appends many in order, pipelined.
   * @param after what they build on; then throws a `LogEndLost` if a power cut takes it, or any of them, from the log
   */
  appendAll(
    events: Iterable<SetlistEvent> | AsyncIterable<SetlistEvent>,
    after?: StoredEvent,
  ): Promise<AppendedAll>;
  /** The last message on a subject. */
  last(subject: string): Promise<Recorded | undefined>;
  /** The same from the log's leader: slower, but never behind, as a cluster's other nodes can be. */
  lastAtLeader(subject: string): Promise<Recorded | undefined>;
  /** The first message on a subject, at or after a sequence. */
  first(subject: string, fromSeq?: number): Promise<Recorded | undefined>;
  /** Sequence of the newest message of the whole log; 0 when empty. */
  head(): Promise<number>;
  /** The message at a sequence; nothing if there is none. */
  at(seq: number): Promise<Recorded | undefined>;
  /** How far the log reaches, and how much of it is in archives. */
  extent(): Promise<LogExtent>;
  /**
   * Waits until a power cut has taken the end of the log, and with it an event that was appended, followed or found as
   * the last of its subject here: what was built on it no longer holds. False if aborted before.
   */
  untilEndLost(signal: AbortSignal): Promise<boolean>;
  /** Reads without end, until aborted. */
  follow(selection: Selection, signal?: AbortSignal): AsyncGenerator<Delivered>;
  /** Reads up to the message that is the newest at the start. */
  read(selection: Selection): AsyncGenerator<Recorded>;

  /** Hands out the records of a durable consumer, shared by replicas, until aborted. */
  durable(options: DurableOptions, signal: AbortSignal): AsyncGenerator<Handout>;
  /** The sequence after which a durable consumer can have unfinished records; nothing if all are finished. */
  unfinishedAfter(durable: string): Promise<number | undefined>;
  /** The sequence up to which a durable consumer has handed out its records, to any replica; nothing if there is none. */
  handedOutUpTo(durable: string): Promise<number | undefined>;
  /** Removes a durable consumer that no replica reads, as several looks, `everyMs` apart, have to find. */
  removeUnread(durable: string, everyMs: number, signal: AbortSignal): Promise<void>;

  /** Has all services start over, where the log turns out not to be the one whose records they finished. */
  removeConsumers(): Promise<void>;

  openLane(at: Lane, options: LaneOptions): Promise<void>;
  closeLane(at: Lane): Promise<void>;
  existingLanes(): Promise<ExistingLane[]>;
  laneReader(at: Lane): LaneReader;
  permits(options: PermitOptions): Promise<Permits>;

  ask(subject: string, question: unknown, timeoutMs?: number): Promise<unknown>;
  answer(
    subject: string,
    handler: (question: unknown) => Promise<unknown>,
    onError: (error: unknown) => void,
  ): AsyncDisposable;
  onHint(subject: string, callback: () => void): Disposable;

  /** Throws if the broker does not answer; one whose disk is full does. */
  check(): Promise<void>;
  /** Why the broker takes no writes at the moment, if any fails; it is retried until the broker does. */
  trouble(): BrokerUnavailable | undefined;
}

export type EventLogOptions = ConnectOptions & TopologyOptions;

/**
 * Connects, makes sure that the log and buckets exist, and measures the broker's clock.
 * @throws BrokerUnavailable
 */
export const openEventLog = (options: EventLogOptions): Promise<EventLog> =>
  openOn(options, async (connection, limit) => {
    const buckets = await ensureTopology(connection, options, limit);
    const clientId = connection.nc.info?.client_id ?? 0;
    const clock = await startBrokerClock(buckets.coordination, { clientId, limit });
    return eventLog(connection, { ...buckets, clock });
  });

type Parts = Awaited<ReturnType<typeof ensureTopology>> & {
  clock: Awaited<ReturnType<typeof startBrokerClock>>;
};

/** How long disposal waits for buffered messages to be sent, in ms. */
const LAST_WRITES_MS = 2_000;

function eventLog(connection: Connection, { sets, coordination, requests, clock }: Parts): EventLog {
  const permits: Permits[] = [];
  return {
    [Symbol.toStringTag]: 'event log',
    clock,
    sets: documentsIn(sets),
    coordination: documentsIn(coordination),
    requests: documentsIn(requests),
    async append(event, expected, signal) {
      const appended = await appendExpecting(connection, event, expected, signal);
      if (appended.kind === 'stored') known(connection, { seq: appended.seq, event });
      return appended;
    },
    appendAll: (events, after) => appendAll(connection, events, after),
    async last(subject) {
      const last = await lastOn(connection, subject);
      if (last) known(connection, last);
      return last;
    },
    lastAtLeader: (subject) => lastOnAtLeader(connection, subject),
    first: (subject, fromSeq) => firstOn(connection, subject, fromSeq),
    head: () => headOf(connection),
    at: (seq) => atSeq(connection, seq),
    extent: () => extentOf(connection),
    untilEndLost: (signal) => untilEndLost(connection, signal),
    follow: (selection, signal) => follow(connection, selection, signal),
    read: (selection) => readToHead(connection, selection),
    durable: (durableOptions, signal) => readDurable(connection, durableOptions, signal),
    unfinishedAfter: (durable) => unfinishedAfter(connection, durable),
    handedOutUpTo: (durable) => handedOutUpTo(connection, durable),
    removeUnread: (durable, everyMs, signal) => removeUnread(connection, durable, everyMs, signal),
    removeConsumers: () => removeConsumers(connection),
    openLane: (at, laneOptions) => openLane(connection, at, laneOptions),
    closeLane: (at) => closeLane(connection, at),
    existingLanes: () => existingLanes(connection),
    laneReader: (at) => new LaneReader(connection, at),
    async permits(permitOptions) {
      const opened = await Permits.open(connection, permitOptions);
      permits.push(opened);
      return opened;
    },
    ask: (subject, question, timeoutMs) => ask(connection, subject, question, timeoutMs),
    answer: (subject, handler, onError) => answer(connection, subject, handler, onError),
    onHint: (subject, callback) => onHint(connection, subject, callback),
    check: async () => {
      await connection.nc.rtt();
    },
    trouble: () => connection.outage.reason,
    async [Symbol.asyncDispose]() {
      clock[Symbol.dispose]();
      if (connection.nc.isClosed()) return;
      for (const opened of permits) opened.giveBackSpare();
      // Draining sends what is buffered; an unreachable broker must not delay the shutdown.
      await settlesWithin(LAST_WRITES_MS, connection.nc.drain());
      await connection.nc.close();
    },
  };
}
