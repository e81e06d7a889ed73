/** One connection to the broker, which outlives every restart of it. The client library is used nowhere else. */
import { sleep } from '@setlist/runtime';
import { connect, type JetStreamClient, type JetStreamManager, type NatsConnection, NatsError } from 'nats';
import { type BrokerAddress, brokerAddress } from './broker-address.ts';
import { BrokerUnavailable, unreachable } from './broker-unavailable.ts';

export interface ConnectOptions {
  /** One or more addresses, comma separated: `nats://127.0.0.1:4222`; with credentials, `nats://user:password@host`. */
  readonly servers: string;
  /** Shown in the broker's monitoring. */
  readonly name: string;
  /** How long to wait for the first connection, in ms. */
  readonly connectTimeoutMs?: number;
  /** How long it may take from then on until JetStream serves, in ms. */
  readonly readyTimeoutMs?: number;
  /** Breaks the opening off, with its own reason; what is open stays. */
  readonly signal?: AbortSignal | undefined;
}

export interface Connection {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** Makes readers: a try that a dying node does not answer is given up early, since the next may go to another. */
  readonly readers: JetStreamManager;
}

/** How long one request to the broker may take, in ms. Requests are repeated: this bounds a try, not the work. */
const REQUEST_TIMEOUT_MS = 5_000;
/** How long one try to make a reader may take, in ms: each has a name of its own, so that a late one does no harm. */
const READER_TIMEOUT_MS = 1_000;
/** The nodes of a cluster that starts together with the services may have to find each other first. */
const READY_TIMEOUT_MS = 30_000;

/**
 * Connects, and stays connected: after the first success it reconnects for as long as the process lives.
 * @throws BrokerUnavailable where nothing answers in time, or who answers can't be trusted or refuses the credentials
 */
async function openConnection(options: ConnectOptions): Promise<Connection> {
  const address = brokerAddress(options.servers);
  const deadline = Date.now() + (options.connectTimeoutMs ?? 10_000);
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const nc = await connect({
        ...address,
        name: options.name,
        maxReconnectAttempts: -1,
        // Else a broker that refuses us twice in a row, as while its users are changed, would have lost us for ever.
        ignoreAuthErrorAbort: true,
        reconnectTimeWait: 250,
        reconnectJitter: 250,
        timeout: 2_000,
        pingInterval: 10_000,
        maxPingOut: 2,
        ignoreClusterUpdates: false,
        // A trace taken for every request costs a tenth of a busy process.
        noAsyncTraces: true,
      });
      const jsm = await nc.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS });
      const readers = await nc.jetstreamManager({ checkAPI: false, timeout: READER_TIMEOUT_MS });
      return { nc, jsm, readers, js: nc.jetstream({ timeout: REQUEST_TIMEOUT_MS }) };
    } catch (error) {
      if (error instanceof NatsError && error.isAuthError()) throw refusedBy(address, error);
      if (Date.now() > deadline) throw unreachable(address.servers, error);
      await sleep(100, options.signal);
    }
  }
}

function refusedBy({ servers, user, token }: BrokerAddress, cause: NatsError): BrokerUnavailable {
  const had = user === undefined && token === undefined ? 'wants credentials' : 'refused the credentials';
  return new BrokerUnavailable(`the broker at ${servers.join(',')} ${had}`, {
    cause,
    // Without a scheme, or the log would mask these as well.
    remedy:
      'Write those of one of its users before the host in NATS_URL, percent-encoded: user:password@host or token@host.',
  });
}

/**
 * Opens what stands on a connection of its own, which is closed where that fails.
 * @param open ends by itself once its signal aborts
 * @throws BrokerUnavailable where there is no connection, or none of JetStream's answers come in time
 */
export async function openOn<T>(
  options: ConnectOptions,
  open: (connection: Connection, limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(options);
  const inTime = AbortSignal.timeout(options.readyTimeoutMs ?? READY_TIMEOUT_MS);
  try {
    return await open(connection, options.signal ? AbortSignal.any([inTime, options.signal]) : inTime);
  } catch (error) {
    const hasJetStream = connection.nc.info?.jetstream ?? false;
    await connection.nc.close();
    options.signal?.throwIfAborted();
    if (error instanceof BrokerUnavailable && isPassing(error.cause))
      throw notServing(error.cause, hasJetStream);
    throw error;
  }
}

const notServing = (cause: unknown, hasJetStream: boolean): BrokerUnavailable =>
  new BrokerUnavailable('the broker is there, but its JetStream does not answer', {
    cause,
    remedy: hasJetStream
      ? 'See that most nodes of its cluster are up, that its disks have room, and that its account may use JetStream.'
      : 'Turn JetStream on, by "jetstream {}" in its configuration or by nats-server --jetstream, or set NATS_URL to a broker that has it.',
  });

/** JetStream's own codes that the log decides by. */
const API = {
  wrongLastSequence: 10071,
  consumerNotFound: 10014,
  consumerNameExists: 10013,
  consumerExists: 10148,
  streamNotFound: 10059,
  streamNameInUse: 10058,
  messageNotFound: 10037,
  noSuitablePeers: 10005,
} as const;

const apiCode = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;

export const isWrongLastSequence = (error: unknown): boolean => apiCode(error) === API.wrongLastSequence;
export const isConsumerMissing = (error: unknown): boolean => apiCode(error) === API.consumerNotFound;
export const isConsumerThere = (error: unknown): boolean =>
  apiCode(error) === API.consumerNameExists || apiCode(error) === API.consumerExists;
export const isStreamMissing = (error: unknown): boolean => apiCode(error) === API.streamNotFound;
export const isStreamThere = (error: unknown): boolean => apiCode(error) === API.streamNameInUse;
/** Whether fewer nodes of a cluster are up than there are to be copies. */
export const isShortOfNodes = (error: unknown): boolean => apiCode(error) === API.noSuitablePeers;

/** Whether a read found nothing, which direct gets say by status 404. */
export const isNothingThere = (error: unknown): boolean =>
  apiCode(error) === API.messageNotFound || (error instanceof NatsError && error.code === '404');

/** Whether the same request may succeed in a moment: no answer, no leader, broker restarting. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof NatsError)) return false;
  if (error.api_error) return error.api_error.code >= 500 && error.api_error.code !== 501;
  return ['TIMEOUT', '503', '408', 'DISCONNECT', 'CONNECTION_REFUSED', 'REQUEST_ERROR'].includes(error.code);
}

/**
 * Whether whoever pulls from a consumer has to look for it again: nobody answered a pull, or the consumer was
 * deleted. The consumer may be gone, or the broker be starting.
 */
export const isReaderLost = (error: unknown): boolean =>
  isPassing(error) || isConsumerMissing(error) || (error instanceof NatsError && error.code === '409');

/** Whether the connection was closed on purpose: nothing further will succeed. */
export const isClosed = (error: unknown): boolean =>
  error instanceof NatsError && ['CONNECTION_CLOSED', 'CONNECTION_DRAINING'].includes(error.code);

/** Repeats a request while its failure is a passing one; anything else, and an abort, ends it. */
export async function untilAnswered<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (signal?.aborted) throw new BrokerUnavailable('stopped while the broker was away', { cause: error });
      // The floor keeps a broker that answers "not now" at once from being asked in a tight loop.
      const waitMs = 10 + Math.min(2_000, 50 * 2 ** attempt) * Math.random();
      await sleep(waitMs);
    }
  }
}
