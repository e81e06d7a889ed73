/**
 * Which addresses a message may be posted to. A channel's address can come from someone who must not reach what the
 * notifier can reach: its own machine, the cluster's network, a cloud's metadata service.
 */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

export interface TargetPolicy {
  /** Networks that are allowed although they are not public. */
  readonly networks: readonly Network[];
  /** Whether `http://` is allowed. */
  readonly plainHttp: boolean;
}

/** Messages may not go to the address, or to one that its name resolves to. */
export class TargetNotAllowed extends Error {
  override readonly name = 'TargetNotAllowed';
  readonly code = 'target-not-allowed';
}

/** Reads `10.1.0.0/16` or a single address; undefined where the text is neither. */
export function parseNetwork(text: string): Network | undefined {
  // ipaddr.js also reads short and octal addresses, and takes `10/8` for 0.0.0.10/8.
  if (isIP(text.replace(/\/.*$/, '')) === 0) return undefined;
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (isIP(text) === 0) return undefined;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** The range assigned to the public Internet: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_IPV6: Network = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Whether the address is public or in one of the networks. Not public are private, loopback, link-local, carrier-grade
 * NAT, multicast and reserved addresses, tunnels and translations (6to4, Teredo, NAT64), and anything that is not an
 * address. An IPv4-mapped IPv6 address counts as IPv4.
 */
export function isAllowed(address: string, { networks }: Pick<TargetPolicy, 'networks'>): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address.replace(/%.*$/, ''));
  if (networks.some((network) => isWithin(parsed, network))) return true;
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || isWithin(parsed, GLOBAL_IPV6);
}

const isWithin = (address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean =>
  address.kind() === network.kind() && address.match(network, bits);

/** Resolves a name to all its addresses. */
export type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A name look-up for a connection: it resolves the name once and checks every address, and the connection goes to one
 * of these. So a name that resolves differently the second time (DNS rebinding) gains nothing.
 */
export function checkedLookup(policy: TargetPolicy, resolve: Resolve = lookup): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const refused = addresses.find(({ address }) => !isAllowed(address, policy));
      if (refused) return done(notAllowed(`${host} is ${refused.address}`), []);
      const [first] = addresses;
      if (options.all || first === undefined) return done(null, addresses);
      done(null, first.address, first.family);
    });
  };
}

/**
 * Checks what can be checked without a name look-up.
 *
 * @throws TargetNotAllowed
 */
export function requireAllowed(url: URL, policy: TargetPolicy): void {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && policy.plainHttp)) {
    throw new TargetNotAllowed(`${url.protocol}// is not allowed, only https://`);
  }
  // Node skips the look-up for a literal address, so checkedLookup would not see it.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !isAllowed(host, policy)) throw notAllowed(host);
}

const notAllowed = (what: string): TargetNotAllowed =>
  new TargetNotAllowed(`${what}, which is not a public address and in none of WEBHOOK_NETWORKS`);
