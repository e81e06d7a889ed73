/** Takes a broker's address apart: the client library reads where to connect from it, and no credentials. */
import { BrokerUnavailable } from './broker-unavailable.ts';

/** As the client library takes it. */
export interface BrokerAddress {
  /** Without their credentials. */
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** Given where TLS is asked for: a broker that offers none is then refused. */
  readonly tls?: Record<string, never>;
}

/** The last `@` ends the credentials: a password may hold one of its own. */
const SERVER = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?:(?<userInfo>.*)@)?(?<place>[^@]*)$/i;
/** What the transport speaks, which is TCP alone. */
const SCHEMES: ReadonlySet<string> = new Set(['nats', 'tls']);

/**
 * Reads `nats://user:password@host:4222`, `nats://token@host` or several of them, separated by commas. The credentials of
 * the first that has some serve all: a cluster has one set of users.
 * @throws BrokerUnavailable at an address that cannot be used; it holds no credentials
 */
export function brokerAddress(text: string): BrokerAddress {
  const parts = text.split(',').map((server) => {
    const { scheme = 'nats', userInfo, place } = SERVER.exec(server.trim())?.groups ?? {};
    return { scheme: scheme.toLowerCase(), userInfo, url: `${scheme}://${place}` };
  });
  for (const { scheme, url } of parts) if (!SCHEMES.has(scheme)) throw unusable(url);
  const userInfo = parts.find((part) => part.userInfo)?.userInfo;
  return {
    servers: parts.map(({ url }) => url),
    ...(userInfo !== undefined && credentialsIn(userInfo)),
    ...(parts.some(({ scheme }) => scheme === 'tls') && { tls: {} }),
  };
}

function credentialsIn(userInfo: string): Pick<BrokerAddress, 'user' | 'pass' | 'token'> {
  const colon = userInfo.indexOf(':');
  if (colon < 0) return { token: decoded(userInfo) };
  return { user: decoded(userInfo.slice(0, colon)), pass: decoded(userInfo.slice(colon + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new BrokerUnavailable("the credentials in the broker's address cannot be read", {
      cause,
      remedy: 'Percent-encode what is not a letter or a digit in them: % is %25, a comma %2C.',
    });
  }
}

const unusable = (server: string): BrokerUnavailable =>
  new BrokerUnavailable(`the broker cannot be reached at ${server}: only TCP is spoken, no WebSocket`, {
    cause: undefined,
    remedy: 'Give the address at which it listens for clients, such as nats://host:4222 or tls://host:4222.',
  });
