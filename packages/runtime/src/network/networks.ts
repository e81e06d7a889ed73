/** Checks addresses against networks. */
import { BlockList, isIP } from 'node:net';

/** @returns whether one of the networks contains an address; an IPv4-mapped IPv6 address counts as IPv4 */
export function networks(cidrs: readonly string[]): (address: string) => boolean {
  const known = new BlockList();
  for (const cidr of cidrs) {
    const [ip = '', bits] = cidr.split('/');
    known.addSubnet(ip, Number(bits), isIP(ip) === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && known.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** Turns `::ffff:10.0.0.1`, as a dual-stack socket reports it, into 10.0.0.1. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
