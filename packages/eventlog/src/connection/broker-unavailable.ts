/** The one failure that whoever talks to the broker has to expect, with what to do about it. */

/** The broker can't be reached, or answers that it can't serve. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
  readonly code = 'broker-unavailable';
  readonly remedy: string;
  constructor(message: string, options: { cause: unknown; servers?: string; remedy?: string }) {
    const { cause, servers, remedy } = options;
    super(message, { cause });
    this.remedy =
      remedy ??
      (servers
        ? `Start the broker, or set NATS_URL to where it listens (now ${servers}).`
        : 'See whether the broker runs and has JetStream on; the work goes on when it is back.');
  }
}
