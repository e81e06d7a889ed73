/** What can go wrong before a broker runs; each message tells the user what to do. */

/** There is no usable nats-server here. The message lists what was tried and how to get one. */
export class BrokerNotFound extends Error {
  readonly code = 'broker-not-found';
  override readonly name = 'BrokerNotFound';
}

/** The distribution's package could not be fetched. The message says why and what else to do. */
export class BrokerNotFetched extends Error {
  readonly code = 'broker-not-fetched';
  override readonly name = 'BrokerNotFetched';
}

/** A nats-server did not start, or its store is in use. The message contains the last lines of its log. */
export class BrokerNotStarted extends Error {
  readonly code = 'broker-not-started';
  override readonly name = 'BrokerNotStarted';
}
