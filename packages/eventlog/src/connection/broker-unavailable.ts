/** The one failure that every user of the broker has to expect, with its remedy. */

/** The broker is unreachable, or answers that it can't serve. */
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
        : 'Check that the broker is running with JetStream on; work continues when it is back.');
  }
}

/** The codes of Node and OpenSSL for a bad certificate. */
const OF_CERTIFICATE = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_)/;

/** The error for addresses at which no broker answers, or none that can be trusted. */
export function unreachable(servers: readonly string[], cause: unknown): BrokerUnavailable {
  const { code, message } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  if (typeof code !== 'string' || !OF_CERTIFICATE.test(code)) {
    return new BrokerUnavailable('the broker cannot be reached', { cause, servers: servers.join(',') });
  }
  return new BrokerUnavailable(`the broker's certificate is not trusted: ${message}`, {
    cause,
    remedy: `Set NODE_EXTRA_CA_CERTS to the file with its CA certificate, or set NATS_URL to a host that the certificate is for (now ${servers.join(',')}).`,
  });
}
