/** Parses a broker's address, since the client library does not read credentials from it. */
import { BrokerUnavailable } from './broker-unavailable.ts';

/** In the form that the client library takes. */
export interface BrokerAddress {
  /** URLs without credentials. */
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** Present if TLS is required: then a broker without TLS is refused. */
  readonly tls?: Record<string, never>;
}

/** The last `@` ends the credentials, since a password can contain one. */
const SERVER = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?:(?<userInfo>.*)@)?(?<place>[^@]*)$/i;
/** The schemes of the transport, which is TCP only. */
const SCHEMES: ReadonlySet<string> = new Set(['nats', 'tls']);

/**
 * Reads `nats://user:password@host:4222`, `nats://token@host` or several of them, separated by commas. The credentials
 * of the first address that has any apply to all, since a cluster has one set of users.
 * @throws BrokerUnavailable for an unusable address; its message never contains credentials
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
      remedy:
        'Percent-encode every character in them that is not a letter or a digit: % is %25, a comma %2C.',
    });
  }
}

const unusable = (server: string): BrokerUnavailable =>
  new BrokerUnavailable(`the broker cannot be reached at ${server}: only TCP is supported, not WebSocket`, {
    cause: undefined,
    remedy: 'Give the address on which it listens for clients, such as nats://host:4222 or tls://host:4222.',
  });
