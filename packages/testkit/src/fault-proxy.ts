/** A proxy that injects faults before an HTTP server: it answers 503 in its place, and delays callers. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

interface ProxyFaults {
  /** The share of requests, 0 to 1, that get S3's 503 `SlowDown` and never reach the server. */
  readonly unavailable: number;
  /** The random delay of each request, in ms: between these two. */
  readonly latencyMs: readonly [least: number, most: number];
}

export interface FaultProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** How many requests were answered with 503. */
  readonly refused: number;
  set(faults: ProxyFaults): void;
}

const SLOW_DOWN =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** Starts it on a free port of 127.0.0.1, without faults. @param random numbers from 0 to below 1 */
export async function startFaultProxy(target: string, random: () => number): Promise<FaultProxy> {
  let faults: ProxyFaults = { unavailable: 0, latencyMs: [0, 0] };
  let refused = 0;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const [least, most] = faults.latencyMs;
    const isRefused = random() < faults.unavailable;
    await pause(least + random() * (most - least));
    if (isRefused) {
      refused += 1;
      incoming.resume();
      outgoing.writeHead(503, { 'content-type': 'application/xml' }).end(SLOW_DOWN);
    } else forward(target, incoming, outgoing);
  };
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get refused() {
      return refused;
    },
    set: (changed) => {
      faults = changed;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Forwards a request; if one side breaks off, so does the other. */
export function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers, url = '/' } = incoming;
  const onward = request(new URL(url, target), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
    answer.once('error', () => outgoing.destroy());
  });
  onward.once('error', () => outgoing.destroy());
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) onward.destroy();
  });
  incoming.pipe(onward);
}
