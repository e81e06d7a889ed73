/** Tells an orchestrator over HTTP whether the process is alive and whether it is ready. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VERSION } from '../version.ts';
import { type Check, readiness } from './readiness.ts';

export type HealthServerOptions = {
  host: string;
  /** 0 takes any free port. */
  port: number;
  service: string;
  /** Run at each `/readyz`; checks can be added while the server runs. */
  checks: ReadonlyMap<string, Check>;
  /** What `/metrics` answers; without it there is no such path. */
  metricsText?: () => Promise<string>;
};

export type HealthServer = AsyncDisposable & { url: string; port: number };

/**
 * `GET /healthz`: 200 while the process runs. `GET /readyz`: 200 if every check passes, else 503, with the result of
 * each. `GET /metrics`: metrics in Prometheus format, if they are on. Anything else: 404. Closing the server closes open
 * connections too.
 *
 * @throws the error of `listen`, such as EADDRINUSE or EACCES.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { host, port } = options;
  const { metricsText } = options;
  const server = createServer((request, response) => {
    if (metricsText && pathOf(request) === '/metrics') {
      void sendMetrics(response, metricsText);
      return;
    }
    answer(request, options).then(
      ([status, body]) => send(response, status, body),
      () => send(response, 500, { status: 'error' }),
    );
  });
  await once(server.listen({ host, port }), 'listening');
  const bound = server.address() as AddressInfo;
  return {
    port: bound.port,
    url: `http://${reachableHost(bound)}:${bound.port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  { service, checks, metricsText }: HealthServerOptions,
): Promise<[status: number, body: object]> {
  const path = pathOf(request);
  if (path === '/healthz') {
    return [200, { status: 'ok', service, version: VERSION, uptimeSeconds: Math.floor(process.uptime()) }];
  }
  if (path === '/readyz') {
    const { ready, checks: results } = await readiness(checks);
    return [ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', service, checks: results }];
  }
  const paths = ['/healthz', '/readyz', ...(metricsText ? ['/metrics'] : [])];
  return [404, { status: 'not found', paths }];
}

const pathOf = ({ method, url }: IncomingMessage): string | undefined =>
  method === 'GET' || method === 'HEAD' ? url?.split('?', 1)[0] : undefined;

async function sendMetrics(response: ServerResponse, metricsText: () => Promise<string>): Promise<void> {
  try {
    const text = await metricsText();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  } catch {
    send(response, 500, { status: 'error' });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(response.req.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`);
}

/** The host for the server's URL: a server that listens on all addresses is reached on loopback. */
function reachableHost({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return family === 'IPv6' ? `[${address}]` : address;
}
