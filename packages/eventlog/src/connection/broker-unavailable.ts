/** The one failure that every user of the broker has to expect, with its remedy. */

/** The broker is unreachable, or answers that it can't serve. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
  readonly code = 'broker-unavailable';
  readonly remedy: string;
  constructor(message: string, options: { cause: unknown; remedy?: string }) {
    const { cause, remedy = RUNNING } = options;
    super(message, { cause });
    this.remedy = remedy;
  }
}

const RUNNING = 'Check that the broker is running with JetStream on; work continues when it is back.';

/** The codes of Node and OpenSSL for a bad certificate. */
const OF_CERTIFICATE = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_)/;

/**
 * The error for addresses at which no broker answers, or none that can be trusted.
 * @param hint what else to look at; a broker that misses a client's certificate just breaks off
 */
export function unreachable(servers: readonly string[], cause: unknown, hint = ''): BrokerUnavailable {
  const { code, message } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  if (typeof code !== 'string' || !OF_CERTIFICATE.test(code)) {
    const remedy = `Start the broker, or set NATS_URL to where it listens (now ${servers.join(',')}).${hint}`;
    return new BrokerUnavailable('the broker cannot be reached', { cause, remedy });
  }
  return new BrokerUnavailable(`the broker's certificate is not trusted: ${message}`, {
    cause,
    remedy: `Set NATS_CA to the file with its CA certificate, or set NATS_URL to a host that the certificate is for (now ${servers.join(',')}).`,
  });
}
