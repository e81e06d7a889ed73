/** Which hosts are this machine's own. */
import { networks } from './networks.ts';

const isOwn = networks(['127.0.0.0/8', '::1/128']);

/** Whether the host is reachable only from this machine. An address can be in brackets, as in a URL. */
export function isLoopback(host: string): boolean {
  const plain = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return plain === 'localhost' || isOwn(plain);
}
