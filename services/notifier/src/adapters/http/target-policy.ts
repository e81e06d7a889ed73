/**
 * Which addresses a message may be posted to. An address in a channel's settings may come from someone who shall not
 * reach what the notifier can reach: its own machine, the cluster's network, a cloud's metadata service.
 */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

export interface TargetPolicy {
  /** Networks that are reached though they are not public. */
  readonly networks: readonly Network[];
  /** Whether `http://` is good enough. */
  readonly plainHttp: boolean;
}

/** The address, or one that its name resolves to, is none that messages may go to. */
export class TargetNotAllowed extends Error {
  override readonly name = 'TargetNotAllowed';
  readonly code = 'target-not-allowed';
}

/** Reads `10.1.0.0/16` or a single address; nothing where it is neither. */
export function parseNetwork(text: string): Network | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (isIP(text) === 0) return undefined;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** All that is assigned to the public Internet: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_IPV6: Network = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Whether the address is public or in one of the networks. What isn't plainly public is not: private, loopback,
 * link-local, carrier-grade NAT, multicast, reserved, tunnels and translations (6to4, Teredo, NAT64), and anything that
 * is no address. An IPv4 address written as IPv6 counts as the former.
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

/** All addresses of a name. */
export type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A name lookup for a connection: the name is resolved once, every address of it is checked, and it is these that are
 * connected to. So a name that answers differently the second time (DNS rebinding) gains nothing.
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
 * What can be judged without looking a name up.
 *
 * @throws TargetNotAllowed
 */
export function requireAllowed(url: URL, policy: TargetPolicy): void {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && policy.plainHttp)) {
    throw new TargetNotAllowed(`${url.protocol}// is not allowed, only https://`);
  }
  // No name is looked up for a literal address, so that the lookup would not see it.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !isAllowed(host, policy)) throw notAllowed(host);
}

const notAllowed = (what: string): TargetNotAllowed =>
  new TargetNotAllowed(`${what}, which is no public address and in none of WEBHOOK_NETWORKS`);
