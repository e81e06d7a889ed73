/** What is done to the log as a whole while nobody works on it: snapshots, restores, and the begin of a new generation. */
import { EVENTS_STREAM } from '@setlist/contracts';
import { type Connection, type ConnectOptions, openOn, untilAnswered } from '../connection/connection.ts';
import { closeLane, existingLanes } from '../work/work.ts';
import { type Generation, generationIn, metadataOf } from './generation.ts';
import {
  BACKED_UP_STREAMS,
  hasBegun,
  hasStream,
  restoreSnapshot,
  type SnapshotHead,
  takeOutSet,
  takeSnapshot,
} from './snapshot.ts';

export interface Maintenance extends AsyncDisposable {
  /** The streams that a backup holds, of those that have ever held anything. */
  streams(): Promise<string[]>;
  /** A consistent snapshot of a stream, in pieces that the broker sends as they are taken. */
  snapshot(stream: string): Promise<{ head: SnapshotHead; chunks: AsyncGenerator<Uint8Array> }>;
  /** Makes the stream as it was when its snapshot was taken. */
  restore(head: SnapshotHead, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Makes the log of a snapshot without some of its sets and their lanes, as its next generation. All else keeps its place: what
   * refers to a sequence still does. The gaps are accounted for in the stream's own description.
   * @returns how many events were left out
   */
  restoreWithout(
    head: SnapshotHead,
    chunks: AsyncIterable<Uint8Array>,
    setIds: readonly string[],
  ): Promise<number>;
}

/** @throws BrokerUnavailable */
export const openMaintenance = (options: ConnectOptions): Promise<Maintenance> =>
  openOn(options, async (connection, limit) => {
    // Nothing is begun on a broker that cannot end it.
    await hasStream(connection, EVENTS_STREAM, limit);
    return maintenance(connection);
  });

function maintenance(connection: Connection): Maintenance {
  const { jsm, nc } = connection;
  return {
    async streams() {
      const there: string[] = [];
      for (const stream of BACKED_UP_STREAMS) if (await hasBegun(connection, stream)) there.push(stream);
      return there;
    },
    snapshot: (stream) => takeSnapshot(connection, stream),
    restore: (head, chunks) => restoreSnapshot(connection, head, chunks),
    async restoreWithout(head, chunks, setIds) {
      await restoreSnapshot(connection, head, chunks, { deny_delete: false, deny_purge: false });
      let events = 0;
      for (const setId of setIds) events += await takeOutSet(connection, setId);
      // Nobody looks for the lanes of a set that the log knows nothing of.
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
    [Symbol.asyncDispose]: () => nc.close(),
  };
}
