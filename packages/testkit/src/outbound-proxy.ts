/** A proxy such as networks have that let nothing else out. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { forward } from './fault-proxy.ts';

export interface OutboundProxy extends AsyncDisposable {
  /** With this environment, Node sends everything through it. */
  readonly env: Readonly<Record<string, string>>;
  /** What it was asked for, in order: `CONNECT sts.amazonaws.com:443`, or `GET http://s3.test/audio/a.mp3`. */
  readonly asked: readonly string[];
}

/** Starts it on loopback. It passes plain requests on to `target`, whatever host they name, and refuses tunnels. */
export async function startOutboundProxy(target: string): Promise<OutboundProxy> {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    incoming.url = incoming.url?.replace(/^http:\/\/[^/]+/, '');
    // Servers for tests refuse, or read a bucket from, names that are not theirs.
    delete incoming.headers.host;
    forward(target, incoming, outgoing);
  });
  server.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    socket.once('error', () => undefined).end('HTTP/1.1 403 Forbidden\r\n\r\n');
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
      server.closeAllConnections();
      server.close();
    },
  };
}
