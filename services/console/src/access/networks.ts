/** Networks: whether an address is one of those that an operator allows. */
import { BlockList, isIP } from 'node:net';

/** A list of networks, as `contains(address)`. An IPv4 address written as IPv6 counts as what it is. */
export function networks(cidrs: readonly string[]): (address: string) => boolean {
  const allowed = new BlockList();
  for (const cidr of cidrs) {
    const [ip = '', bits] = cidr.split('/');
    allowed.addSubnet(ip, Number(bits), isIP(ip) === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && allowed.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** `::ffff:10.0.0.1`, as a socket that serves both families shows it, is 10.0.0.1. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
