/** An address that drops whoever wants to connect, as a firewall does. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { Worker } from 'node:worker_threads';

/** The shortest queue of connections that the system gives a server. */
const BACKLOG = 1;
/** More than enough to fill that queue. */
const FILLING = 4;

/** Listens and accepts nobody, since its thread sleeps for good. */
const LISTENER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: ${BACKLOG} }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** While the queue of a server that accepts nobody is full, the system drops what would connect to it. */
export async function openDeaf(): Promise<{ url: string } & AsyncDisposable> {
  const listener = new Worker(LISTENER, { eval: true });
  const [port] = (await once(listener, 'message')) as [number];
  const filling = Array.from({ length: FILLING }, () => createConnection(port, '127.0.0.1'));
  for (const socket of filling) socket.on('error', () => undefined);
  await once(filling[0] as (typeof filling)[number], 'connect');
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of filling) socket.destroy();
      await listener.terminate();
    },
  };
}
