/** What can go wrong before a broker runs, each with the text a user needs to get on. */

/** There is no usable nats-server here. The message lists what was looked at and how to get one. */
export class BrokerNotFound extends Error {
  readonly code = 'broker-not-found';
  override readonly name = 'BrokerNotFound';
}

/** The distribution's package could not be fetched. The message says why and what else to do. */
export class BrokerNotFetched extends Error {
  readonly code = 'broker-not-fetched';
  override readonly name = 'BrokerNotFetched';
}

/** A nats-server was run and didn't come up. The message holds its last words. */
export class BrokerNotStarted extends Error {
  readonly code = 'broker-not-started';
  override readonly name = 'BrokerNotStarted';
}
