/** A proxy such as networks have that let nothing else out. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { forward } from './fault-proxy.ts';

export interface OutboundProxy extends AsyncDisposable {
  /** With this environment, Node sends everything through it. */
  readonly env: Readonly<Record<string, string>>;
  /** What it was asked for, in order: `CONNECT sts.amazonaws.com:443`, or `GET http://s3.test/audio/a.mp3`. */
  readonly asked: readonly string[];
}

const refuse = (socket: Duplex): void => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');

/**
 * Starts it on loopback. It passes plain requests on to `target`, whatever host they name.
 * @param onTunnel what it does with a connection on which it is asked for a tunnel
 */
export async function startOutboundProxy(target: string, onTunnel = refuse): Promise<OutboundProxy> {
  const asked: string[] = [];
  const tunnels: Duplex[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    incoming.url = incoming.url?.replace(/^http:\/\/[^/]+/, '');
    // Servers for tests refuse, or read a bucket from, names that are not theirs.
    delete incoming.headers.host;
    forward(target, incoming, outgoing);
  });
  server.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    tunnels.push(socket.on('error', () => undefined));
    onTunnel(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: {
      ...{ NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '' },
      ...{ http_proxy: '', https_proxy: '', no_proxy: '' },
    },
    asked,
    async [Symbol.asyncDispose]() {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
