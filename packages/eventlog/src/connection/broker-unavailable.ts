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

/** As Node and OpenSSL name what is wrong with a certificate. */
const OF_CERTIFICATE = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_)/;

/** Nothing at these addresses could be spoken to: nobody is there, or whoever is there can't be trusted. */
export function unreachable(servers: readonly string[], cause: unknown): BrokerUnavailable {
  const { code, message } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  if (typeof code !== 'string' || !OF_CERTIFICATE.test(code)) {
    return new BrokerUnavailable('the broker cannot be reached', { cause, servers: servers.join(',') });
  }
  return new BrokerUnavailable(`the broker's certificate is not trusted: ${message}`, {
    cause,
    remedy: `Name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS, or set NATS_URL to a host that the certificate is for (now ${servers.join(',')}).`,
  });
}
