/** An HTTP server that a test runs in place of S3. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answering extends AsyncDisposable {
  readonly endpoint: string;
  onConnection(listener: () => void): void;
}

/** Starts a server for answers that a healthy store never gives. */
export async function answering(listener: RequestListener): Promise<Answering> {
  // No connection is closed for being idle.
  const http = createServer({ keepAliveTimeout: 0 }, listener);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    onConnection: (listen) => http.on('connection', listen),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
