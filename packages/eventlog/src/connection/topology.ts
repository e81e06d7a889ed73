/** Creates what must exist on the broker before any event: the log, the streams and buckets, and their guarantees. */
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
import {
  DiscardPolicy,
  type KV,
  type KvOptions,
  nanos,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from 'nats';
import { BrokerUnavailable } from './broker-unavailable.ts';
import {
  type Connection,
  isInNoCluster,
  isShortOfNodes,
  isStreamMissing,
  isStreamThere,
  untilAnswered,
} from './connection.ts';

export interface TopologyOptions {
  /** Copies of the log and buckets that a cluster keeps, 1 to 5; 1 unless given. */
  readonly replicas?: number | undefined;
}

export interface Buckets {
  readonly sets: KV;
  readonly quota: KV;
  readonly requests: KV;
}

/** A client retries a write within moments; a day also covers a laptop that sleeps overnight. */
const REQUESTS_KEPT_MS = 86_400_000;

/**
 * Each lane of each open set has a consumer, and each reader keeps one for half a minute after its last use. From
 * nats-server 2.15 on, the default is 1,000 (https://github.com/nats-io/nats-server/pull/8337).
 */
const MAX_CONSUMERS = 100_000;

type NewStream = Partial<StreamConfig> & { name: string };

/** The log never drops an event: no limits, no deletes, no purge; a full disk refuses new events. */
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

async function ensureStream(connection: Connection, config: NewStream, limit: AbortSignal): Promise<void> {
  const { jsm } = connection;
  try {
    await untilAnswered(() => jsm.streams.info(config.name), limit);
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
    try {
      await untilAnswered(() => jsm.streams.add(config), limit);
    } catch (raced) {
      if (!isStreamThere(raced)) throw raced;
    }
  }
}

const NODES_POLL_MS = 200;

/**
 * Creates what is missing and leaves the rest as it is. Every service can run it at every start.
 * @throws BrokerUnavailable if, until `limit` aborts, the broker does not answer or the cluster has too few nodes for
 * `replicas` copies; at once, if the broker is in no cluster and more than one is wanted
 */
export async function ensureTopology(
  connection: Connection,
  { replicas = 1 }: TopologyOptions,
  limit: AbortSignal,
): Promise<Buckets> {
  for (;;) {
    try {
      return await makeMissing(connection, replicas, limit);
    } catch (error) {
      if (isInNoCluster(error)) throw inNoCluster(replicas, error);
      if (!isShortOfNodes(error)) throw error;
      if (limit.aborted) {
        throw new BrokerUnavailable(`the cluster has too few nodes for ${replicas} copies of the log`, {
          cause: error,
          remedy:
            'Start the nodes that are down, restart a node that its cluster does not list, free space on their disks, or ask for fewer copies with NATS_REPLICAS.',
        });
      }
      await sleep(NODES_POLL_MS);
    }
  }
}

const inNoCluster = (replicas: number, cause: unknown): BrokerUnavailable =>
  new BrokerUnavailable(`the broker is in no cluster, so it can't keep ${replicas} copies of the log`, {
    cause,
    remedy: 'Set NATS_REPLICAS=1, or set NATS_URL to the nodes of a cluster.',
  });

async function makeMissing(connection: Connection, replicas: number, limit: AbortSignal): Promise<Buckets> {
  await ensureStream(connection, eventsStream(replicas), limit);
  await ensureStream(connection, permitsStream(replicas), limit);
  const bucket = (name: string, options: Partial<KvOptions>): Promise<KV> =>
    untilAnswered(
      () => connection.js.views.kv(name, { history: 1, replicas, storage: StorageType.File, ...options }),
      limit,
    );
  const sets = await bucket(SETS_BUCKET, { allow_direct: true });
  const quota = await bucket(QUOTA_BUCKET, { allow_direct: false });
  const requests = await bucket(REQUESTS_BUCKET, { allow_direct: false, ttl: REQUESTS_KEPT_MS });
  return { sets, quota, requests };
}
