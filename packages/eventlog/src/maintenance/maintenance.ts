/** Operations on the whole log: snapshots, even while it is in use, restores, and the start of a new generation. */
import { EVENTS_STREAM } from '@setlist/contracts';
import { BrokerUnavailable } from '../connection/broker-unavailable.ts';
import { type Connection, type ConnectOptions, openOn, untilAnswered } from '../connection/connection.ts';
import { requireLog, type TopologyOptions } from '../connection/topology.ts';
import { closeLane, existingLanes } from '../work/work.ts';
import { type Generation, generationIn, metadataOf } from './generation.ts';
import {
  BACKED_UP_STREAMS,
  hasBegun,
  lastSeqIn,
  restoreSnapshot,
  type SnapshotHead,
  takeOutSet,
  takeSnapshot,
} from './snapshot.ts';

export interface Maintenance extends AsyncDisposable {
  /** The streams to back up that have ever held a message. */
  streams(): Promise<string[]>;
  /** A consistent snapshot of a stream, in chunks that the broker sends as fast as they are consumed. */
  snapshot(stream: string): Promise<{ head: SnapshotHead; chunks: AsyncGenerator<Uint8Array> }>;
  /**
   * Restores the stream as it was when its snapshot was taken. On a cluster it has as many copies as asked for at the
   * opening, or else as before, unless that was only one: then it is refused. On any other broker it has one.
   */
  restore(head: SnapshotHead, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Restores the log without some of its sets and their lanes, as its next generation. All other events keep their
   * sequences, so references to them stay valid. The stream's metadata accounts for the gaps.
   * @returns how many events were left out
   */
  restoreWithout(
    head: SnapshotHead,
    chunks: AsyncIterable<Uint8Array>,
    setIds: readonly string[],
  ): Promise<number>;
  /** How many copies of a stream its cluster keeps. */
  copiesOf(stream: string): Promise<number>;
}

/** @throws BrokerUnavailable */
export const openMaintenance = (options: ConnectOptions & TopologyOptions): Promise<Maintenance> =>
  openOn(options, async (connection, limit) => {
    // Either makes sure that JetStream answers before any operation starts.
    if (options.mustExist) await requireLog(connection, limit);
    else await lastSeqIn(connection, EVENTS_STREAM, limit);
    return maintenance(connection, options);
  });

const PURGES_ALLOWED = { deny_delete: false, deny_purge: false };

function maintenance(connection: Connection, { replicas }: Pick<TopologyOptions, 'replicas'>): Maintenance {
  const { jsm, nc } = connection;
  const copies = ({ stream, config }: SnapshotHead) => {
    // A broker that is in no cluster refuses more than one copy.
    if (nc.info?.cluster === undefined) return { num_replicas: 1 };
    // A single broker had no choice, so its one copy does not show that one is wanted.
    if (replicas === undefined && config.num_replicas === 1) throw oneCopyOf(stream);
    return { num_replicas: replicas ?? config.num_replicas };
  };
  return {
    async streams() {
      const there: string[] = [];
      for (const stream of BACKED_UP_STREAMS) if (await hasBegun(connection, stream)) there.push(stream);
      return there;
    },
    snapshot: (stream) => takeSnapshot(connection, stream),
    restore: async (head, chunks) => await restoreSnapshot(connection, head, chunks, copies(head)),
    async restoreWithout(head, chunks, setIds) {
      await restoreSnapshot(connection, head, chunks, { ...copies(head), ...PURGES_ALLOWED });
      let events = 0;
      for (const setId of setIds) events += await takeOutSet(connection, setId);
      // No service closes the lanes of a set that is not in the log.
      const gone = new Set(setIds);
      for (const lane of await existingLanes(connection))
        if (gone.has(lane.setId)) await closeLane(connection, lane);
      const before = generationIn(head.config.metadata);
      const { config } = await untilAnswered(() => jsm.streams.info(EVENTS_STREAM));
      const next: Generation = {
        generation: before.generation + 1,
        archived: {
          events: before.archived.events + events,
          upToSeq: head.state.last_seq,
          at: Date.now(),
        },
      };
      const metadata = { ...config.metadata, ...metadataOf(next) };
      await jsm.streams.update(EVENTS_STREAM, { ...config, metadata, deny_delete: true, deny_purge: true });
      return events;
    },
    copiesOf: async (stream) => (await untilAnswered(() => jsm.streams.info(stream))).config.num_replicas,
    [Symbol.asyncDispose]: () => nc.close(),
  };
}

const oneCopyOf = (stream: string): BrokerUnavailable =>
  new BrokerUnavailable(`${stream} had one copy where it was backed up, but this broker is in a cluster`, {
    cause: undefined,
    remedy: 'Set NATS_REPLICAS to the number of copies that the cluster is to keep, such as 3.',
  });
