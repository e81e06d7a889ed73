/** Which hosts are this machine's own. */
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether the host is reachable only from this machine. An address can be in brackets, as in a URL. */
export function isLoopback(host: string): boolean {
  const plain = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/, '');
  const family = isIP(plain);
  return plain === 'localhost' || (family !== 0 && loopback.check(plain, family === 4 ? 'ipv4' : 'ipv6'));
}
