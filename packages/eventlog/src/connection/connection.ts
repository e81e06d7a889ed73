/** One connection to the broker, which survives the broker's restarts. */
import { type Logger, sleep } from '@setlist/runtime';
import {
  type ConnectionOptions,
  connect,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  NatsError,
} from 'nats';
import { accessOptions, type BrokerAccess } from './broker-access.ts';
import { type BrokerAddress, brokerAddress } from './broker-address.ts';
import { BrokerUnavailable, unreachable } from './broker-unavailable.ts';
import { failingIfDropped } from './dropped-requests.ts';
import { isClosed, isPassing } from './failures.ts';
import { Outage } from './outage.ts';

export interface ConnectOptions {
  /** One or more addresses, comma-separated: `nats://127.0.0.1:4222`; with credentials, `nats://user:password@host`. */
  readonly servers: string;
  /** Files that the broker wants to see. */
  readonly access?: BrokerAccess | undefined;
  /** Shown in the broker's monitoring. */
  readonly name: string;
  /** How long to wait for the first connection, in ms. */
  readonly connectTimeoutMs?: number;
  /** How long to wait for JetStream once connected, in ms. */
  readonly readyTimeoutMs?: number;
  /** Cancels the opening, with the signal's reason; has no effect on an open connection. */
  readonly signal?: AbortSignal | undefined;
  /** Gets a line when the broker has taken no writes for a while, and one when it takes them again. */
  readonly logger?: Pick<Logger, 'info' | 'warn'> | undefined;
}

export interface Connection {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** Makes readers, with a short timeout: after a dying node fails to answer, the next try can reach another node. */
  readonly readers: JetStreamManager;
  readonly outage: Pick<Outage, 'reason'>;
}

/** Timeout of one request to the broker, in ms. Requests are retried: this bounds one try, not the whole operation. */
const REQUEST_TIMEOUT_MS = 5_000;
/** Timeout of one try to make a reader, in ms. Each try has its own name, so a reader that comes late does no harm. */
const READER_TIMEOUT_MS = 1_000;
/** In ms. The nodes of a cluster that starts together with the services need time to find each other. */
const READY_TIMEOUT_MS = 30_000;

/**
 * Connects, and after the first success reconnects for as long as the process lives.
 * @throws BrokerUnavailable if no broker answers in time, or one that can't be trusted or that refuses the credentials
 */
async function openConnection(options: ConnectOptions): Promise<Connection> {
  const address = brokerAddress(options.servers);
  const { authenticator, tls = address.tls } = accessOptions(options.access ?? {});
  const deadline = Date.now() + (options.connectTimeoutMs ?? 10_000);
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const nc = await connect({
        ...address,
        ...(authenticator && { authenticator }),
        ...(tls && { tls }),
        name: options.name,
        maxReconnectAttempts: -1,
        // Otherwise the client would give up for good on a broker that refuses it twice, as while its users change.
        ignoreAuthErrorAbort: true,
        reconnectTimeWait: 250,
        reconnectJitter: 250,
        timeout: 2_000,
        pingInterval: 10_000,
        maxPingOut: 2,
        ignoreClusterUpdates: false,
        // A stack trace for every request costs a tenth of a busy process's CPU time.
        noAsyncTraces: true,
      });
      const asked = failingIfDropped(nc);
      const jsm = await asked.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS });
      const readers = await asked.jetstreamManager({ checkAPI: false, timeout: READER_TIMEOUT_MS });
      const outage = new Outage(options.logger);
      const js = watched(asked.jetstream({ timeout: REQUEST_TIMEOUT_MS }), outage);
      return { nc, jsm, readers, js, outage };
    } catch (error) {
      if (error instanceof NatsError && error.isAuthError())
        throw refusedBy(address, authenticator !== undefined, error);
      if (Date.now() > deadline) throw unreachable(address.servers, error, hintFor(tls));
      await sleep(100, options.signal);
    }
  }
}

/** For a broker that requires TLS, and may require a certificate that it was not shown. */
const hintFor = (tls: ConnectionOptions['tls']): string =>
  tls && !('certFile' in tls)
    ? ' If it asks its clients for certificates, set NATS_CERT and NATS_KEY too.'
    : '';

function refusedBy(
  { servers, user, token }: BrokerAddress,
  hadFile: boolean,
  cause: NatsError,
): BrokerUnavailable {
  const hadAny = hadFile || user !== undefined || token !== undefined;
  const had = hadAny ? 'refused the credentials' : 'wants credentials';
  return new BrokerUnavailable(`the broker at ${servers.join(',')} ${had}`, {
    cause,
    // The examples have no scheme, or the log would mask them too.
    remedy:
      'Put the credentials of one of its users before the host in NATS_URL, percent-encoded: user:password@host or token@host. For a file, set NATS_CREDS or NATS_NKEY to its path.',
  });
}

/**
 * Runs `open` on a new connection, which is closed if that fails.
 * @param open must end on its own once its signal aborts
 * @throws BrokerUnavailable if there is no connection, or JetStream does not answer in time
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

const SERVING =
  'Check that most nodes of its cluster are up, that its disks have space, and that its account may use JetStream.';

const notServing = (cause: unknown, hasJetStream: boolean): BrokerUnavailable =>
  new BrokerUnavailable('the broker is up, but its JetStream does not answer', {
    cause,
    remedy: hasJetStream
      ? SERVING
      : 'Turn JetStream on, with "jetstream {}" in its configuration or with nats-server --jetstream, or set NATS_URL to a broker that has it.',
  });

/**
 * Changes whenever the client connects again: to another node, or to a broker that was restarted. Undefined while the
 * client is connecting: what it asks then is answered in a session yet to come. From a disconnection until then it is
 * still the old one: what is sent then, the client drops.
 */
export const sessionOf = ({ nc: { info } }: Connection): string | undefined =>
  info && `${info.server_id} ${info.client_id}`;

/** Retries a request while its failure is transient. Any other failure, or an abort, ends the retries. */
export async function untilAnswered<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (signal?.aborted) throw new BrokerUnavailable('stopped while the broker was away', { cause: error });
      // The minimum avoids a tight loop against a broker that refuses at once.
      const waitMs = 10 + Math.min(2_000, 50 * 2 ** attempt) * Math.random();
      await sleep(waitMs);
    }
  }
}

/** The same client, of whose writes, those to buckets included, the outage learns how they end. */
function watched(js: JetStreamClient, outage: Outage): JetStreamClient {
  const publish: JetStreamClient['publish'] = async (subject, ...message) => {
    try {
      const stored = await js.publish(subject, ...message);
      outage.answered(subject);
      return stored;
    } catch (error) {
      if (isPassing(error)) outage.failed(subject, notTaken(error));
      else if (!isClosed(error)) outage.answered(subject);
      throw error;
    }
  };
  return Object.assign(Object.create(js) as JetStreamClient, { publish });
}

/** In the broker's own words, if it said anything. */
function notTaken(cause: NatsError): BrokerUnavailable {
  if (cause.api_error) {
    const message = `the broker takes no writes: ${cause.api_error.description}`;
    return new BrokerUnavailable(message, { cause, remedy: SERVING });
  }
  if (cause.code === '503') return notServing(cause, true);
  return new BrokerUnavailable('the broker does not answer', { cause });
}
