/** What a failure of the broker or its client means. */
import { NatsError } from 'nats';

/** The JetStream error codes on which the log decides. */
const API = {
  wrongLastSequence: 10071,
  /** A message with the same id, or another one on the same subject, is being stored (newer clusters). */
  sameBeingStored: 10158,
  subjectBeingStored: 10164,
  consumerNotFound: 10014,
  consumerNameExists: 10013,
  consumerExists: 10148,
  streamNotFound: 10059,
  streamNameInUse: 10058,
  messageNotFound: 10037,
  noSuitablePeers: 10005,
  copiesWithoutCluster: 10074,
} as const;

const apiCode = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;

export const isWrongLastSequence = (error: unknown): boolean => apiCode(error) === API.wrongLastSequence;
export const isConsumerMissing = (error: unknown): boolean => apiCode(error) === API.consumerNotFound;
export const isConsumerThere = (error: unknown): boolean =>
  apiCode(error) === API.consumerNameExists || apiCode(error) === API.consumerExists;
export const isStreamMissing = (error: unknown): boolean => apiCode(error) === API.streamNotFound;
export const isStreamThere = (error: unknown): boolean => apiCode(error) === API.streamNameInUse;
/** Whether fewer nodes of a cluster are available than the number of copies requires. */
export const isShortOfNodes = (error: unknown): boolean => apiCode(error) === API.noSuitablePeers;
/** Whether more than one copy was asked of a broker that is in no cluster. */
export const isInNoCluster = (error: unknown): boolean => apiCode(error) === API.copiesWithoutCluster;

/** Whether a read found nothing; direct gets report that with status 404. */
export const isNothingThere = (error: unknown): boolean =>
  apiCode(error) === API.messageNotFound || (error instanceof NatsError && error.code === '404');

const isBeingStored = (error: unknown): boolean =>
  apiCode(error) === API.sameBeingStored || apiCode(error) === API.subjectBeingStored;

/** Whether the failure is transient, so that the same request can succeed soon: no answer, no leader, a restart. */
export function isPassing(error: unknown): error is NatsError {
  if (!(error instanceof NatsError)) return false;
  // The broker reports it as a failure of its own, but it lasts.
  if (isInNoCluster(error)) return false;
  if (isBeingStored(error)) return true;
  if (error.api_error) return error.api_error.code >= 500 && error.api_error.code !== 501;
  return ['TIMEOUT', '503', '408', 'DISCONNECT', 'CONNECTION_REFUSED', 'REQUEST_ERROR'].includes(error.code);
}

/**
 * Whether a reader has to look up or recreate its consumer: a pull was not answered, or the consumer was deleted.
 * Either the consumer is gone, or the broker is starting.
 */
export const isReaderLost = (error: unknown): boolean =>
  isPassing(error) || isConsumerMissing(error) || (error instanceof NatsError && error.code === '409');

/** Whether the connection was closed on purpose, so that no further request can succeed. */
export const isClosed = (error: unknown): boolean =>
  error instanceof NatsError && ['CONNECTION_CLOSED', 'CONNECTION_DRAINING'].includes(error.code);
