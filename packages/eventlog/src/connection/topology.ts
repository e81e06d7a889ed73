/** Creates what must exist on the broker before any event: the log, the streams and buckets, and their guarantees. */
import {
  COORDINATION_BUCKET,
  EVENTS_STREAM,
  EVENTS_STREAM_SUBJECTS,
  PERMITS_STREAM,
  PERMITS_STREAM_SUBJECTS,
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
import { type Connection, type ConnectOptions, untilAnswered } from './connection.ts';
import { isInNoCluster, isShortOfNodes, isStreamMissing, isStreamThere } from './failures.ts';

export interface TopologyOptions {
  /** Copies of the log and buckets that a cluster keeps, 1 to 5; 1 unless given. Applies to what is created. */
  readonly replicas?: number | undefined;
  /** Whether to fail if the broker has no log, instead of creating one; waits five seconds for it. */
  readonly mustExist?: boolean;
}

export interface Buckets {
  readonly sets: KV;
  readonly coordination: KV;
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

/** Creates the stream if it is missing. @returns how many copies of it there are */
async function ensureStream({ jsm }: Connection, config: NewStream, limit: AbortSignal): Promise<number> {
  const copies = async (): Promise<number> =>
    (await untilAnswered(() => jsm.streams.info(config.name), limit)).config.num_replicas;
  try {
    return await copies();
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
    try {
      return (await untilAnswered(() => jsm.streams.add(config), limit)).config.num_replicas;
    } catch (raced) {
      if (!isStreamThere(raced)) throw raced;
      return await copies();
    }
  }
}

const POLL_MS = 200;
/** How long a log that must exist may take to appear, in ms: a command can follow the services' first start. */
const LOG_WITHIN_MS = 5_000;

/**
 * Creates what is missing and leaves the rest as it is. Every service can run it at every start.
 * @throws BrokerUnavailable if, until `limit` aborts, the broker does not answer or the cluster has too few nodes for
 * the copies; after five seconds, if it lacks a log that must exist; at once, if the broker is in no cluster and more
 * than one copy is wanted
 */
export async function ensureTopology(
  connection: Connection,
  { replicas = 1, mustExist = false, logger }: TopologyOptions & Pick<ConnectOptions, 'logger'>,
  limit: AbortSignal,
): Promise<Buckets> {
  if (mustExist) await requireLog(connection, limit);
  const buckets = await makeMissing(connection, replicas, limit);
  if (replicas > 1) await warnOfFewCopies(connection, buckets, { replicas, logger }, limit);
  return buckets;
}

/** @throws BrokerUnavailable where there is no log */
export async function requireLog({ jsm, nc }: Connection, limit: AbortSignal): Promise<void> {
  const until = performance.now() + LOG_WITHIN_MS;
  for (;;) {
    try {
      await untilAnswered(() => jsm.streams.info(EVENTS_STREAM), limit);
      return;
    } catch (error) {
      if (!isStreamMissing(error)) throw error;
      if (limit.aborted || performance.now() >= until) {
        throw new BrokerUnavailable(`there is no log on the broker at ${nc.getServer()} yet`, {
          cause: error,
          remedy:
            'Set NATS_URL to the broker of a system; the first of its services to start creates the log.',
        });
      }
      await sleep(POLL_MS);
    }
  }
}

async function makeMissing(connection: Connection, asked: number, limit: AbortSignal): Promise<Buckets> {
  let replicas = asked;
  for (;;) {
    try {
      // A restore brings only the log and what has been written to since: the rest is kept as safely as the log.
      replicas = Math.max(asked, await ensureStream(connection, eventsStream(asked), limit));
      return await makeBesides(connection, replicas, limit);
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
      await sleep(POLL_MS);
    }
  }
}

const inNoCluster = (replicas: number, cause: unknown): BrokerUnavailable =>
  new BrokerUnavailable(`the broker is in no cluster, so it can't keep ${replicas} copies of the log`, {
    cause,
    remedy: 'Set NATS_REPLICAS=1, or set NATS_URL to the nodes of a cluster.',
  });

/** Creates what else is missing besides the log. */
async function makeBesides(connection: Connection, replicas: number, limit: AbortSignal): Promise<Buckets> {
  await ensureStream(connection, permitsStream(replicas), limit);
  const bucket = (name: string, options: Partial<KvOptions>): Promise<KV> =>
    untilAnswered(
      () => connection.js.views.kv(name, { history: 1, replicas, storage: StorageType.File, ...options }),
      limit,
    );
  const sets = await bucket(SETS_BUCKET, { allow_direct: true });
  const coordination = await bucket(COORDINATION_BUCKET, { allow_direct: false });
  const requests = await bucket(REQUESTS_BUCKET, { allow_direct: false, ttl: REQUESTS_KEPT_MS });
  return { sets, coordination, requests };
}

/** Names what was created with fewer copies, which nothing here changes. */
async function warnOfFewCopies(
  { jsm }: Connection,
  { sets, coordination, requests }: Buckets,
  { replicas, logger }: { replicas: number; logger: ConnectOptions['logger'] },
  limit: AbortSignal,
): Promise<void> {
  const infos = [
    ...[EVENTS_STREAM, PERMITS_STREAM].map((name) => () => jsm.streams.info(name)),
    ...[sets, coordination, requests].map((bucket) => async () => (await bucket.status()).streamInfo),
  ];
  const few: string[] = [];
  for (const info of infos) {
    const { config } = await untilAnswered(info, limit);
    if (config.num_replicas < replicas) few.push(config.name);
  }
  if (few.length === 0) return;
  const remedy = `NATS_REPLICAS applies only to what is created: raise the number on the broker, for example with "nats stream edit ${few[0]} --replicas ${replicas}", or set NATS_REPLICAS to what there is.`;
  logger?.warn(
    { event: 'few-copies', remedy },
    `there are fewer than ${replicas} copies of ${few.join(', ')}`,
  );
}
