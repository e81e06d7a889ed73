/** What must exist on the broker before anything is said: the log, the buckets, and their promises. */
import {
  EVENTS_STREAM,
  EVENTS_STREAM_SUBJECTS,
  PERMITS_STREAM,
  PERMITS_STREAM_SUBJECTS,
  QUOTA_BUCKET,
  REQUESTS_BUCKET,
  SETS_BUCKET,
} from '@setlist/contracts';
import { sleep } from '@setlist/runtime';
import { DiscardPolicy, type KV, nanos, RetentionPolicy, StorageType, type StreamConfig } from 'nats';
import {
  BrokerUnavailable,
  type Connection,
  isShortOfNodes,
  isStreamMissing,
  isStreamThere,
  untilAnswered,
} from './connection.ts';

export interface TopologyOptions {
  /** Copies of the log and buckets in a cluster: 1 or 3. */
  readonly replicas?: number;
}

export interface Buckets {
  readonly sets: KV;
  readonly quota: KV;
  readonly requests: KV;
}

/** Whoever repeats a write does so within moments; a day covers a night's sleep of a laptop. */
const REQUESTS_KEPT_MS = 86_400_000;

/**
 * A lane of every open set is one, and a reader for half a minute after its last use. Without a number of its own a stream
 * gets 1,000 from nats-server 2.15 on (https://github.com/nats-io/nats-server/pull/8337).
 */
const MAX_CONSUMERS = 100_000;

type NewStream = Partial<StreamConfig> & { name: string };

/** The log never loses an event by itself: no limits, no deletes, no purge; a full disk refuses new events. */
const eventsStream = (replicas: number): NewStream => ({
  name: EVENTS_STREAM,
  subjects: EVENTS_STREAM_SUBJECTS,
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_age: 0,
  max_bytes: -1,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_consumers: MAX_CONSUMERS,
  deny_delete: true,
  deny_purge: true,
  allow_direct: true,
  duplicate_window: nanos(120_000),
  num_replicas: replicas,
});

const permitsStream = (replicas: number): NewStream => ({
  name: PERMITS_STREAM,
  subjects: PERMITS_STREAM_SUBJECTS,
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  num_replicas: replicas,
});

async function ensureStream(connection: Connection, config: NewStream): Promise<void> {
  const { jsm } = connection;
  try {
    await untilAnswered(() => jsm.streams.info(config.name));
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
    try {
      await untilAnswered(() => jsm.streams.add(config));
    } catch (raced) {
      if (!isStreamThere(raced)) throw raced;
    }
  }
}

/** How long the nodes of a cluster that starts together with the services may take to find each other, in ms. */
const NODES_DEADLINE_MS = 30_000;
const NODES_POLL_MS = 200;

/**
 * Creates what is missing; what is there stays as it is. Safe to run by every service at every start.
 * @throws BrokerUnavailable where a cluster finds no nodes for `replicas` copies for half a minute
 */
export async function ensureTopology(
  connection: Connection,
  { replicas = 1 }: TopologyOptions = {},
): Promise<Buckets> {
  const deadline = performance.now() + NODES_DEADLINE_MS;
  for (;;) {
    try {
      return await makeMissing(connection, replicas);
    } catch (error) {
      if (!isShortOfNodes(error)) throw error;
      if (performance.now() > deadline) {
        throw new BrokerUnavailable(`the cluster finds no ${replicas} nodes for as many copies of the log`, {
          cause: error,
          remedy:
            'Start those that are down, make room on their disks, or ask for fewer copies with NATS_REPLICAS.',
        });
      }
      await sleep(NODES_POLL_MS);
    }
  }
}

async function makeMissing(connection: Connection, replicas: number): Promise<Buckets> {
  await ensureStream(connection, eventsStream(replicas));
  await ensureStream(connection, permitsStream(replicas));
  const { js } = connection;
  const sets = await untilAnswered(() =>
    js.views.kv(SETS_BUCKET, { history: 1, replicas, storage: StorageType.File, allow_direct: true }),
  );
  const quota = await untilAnswered(() =>
    js.views.kv(QUOTA_BUCKET, { history: 1, replicas, storage: StorageType.File, allow_direct: false }),
  );
  const requests = await untilAnswered(() =>
    js.views.kv(REQUESTS_BUCKET, {
      history: 1,
      replicas,
      storage: StorageType.File,
      allow_direct: false,
      ttl: REQUESTS_KEPT_MS,
    }),
  );
  return { sets, quota, requests };
}
