/** A relay to the broker that stops in the middle of what a service sends, so that a kill surely comes there. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** More than the first thousand requests of items with short texts, and less than half of 4,000. */
const FORWARDED_BYTES = 1_500_000;

/** Forwards both ways until clients have sent so much; from then on the broker gets nothing more. */
export async function startStoppingRelay(brokerUrl: string): Promise<{ url: string } & AsyncDisposable> {
  const { hostname, port } = new URL(brokerUrl);
  const clients = new Set<Socket>();
  let left = FORWARDED_BYTES;
  const server = createServer((client) => {
    clients.add(client);
    const broker = connect(Number(port), hostname);
    broker.pipe(client);
    client.on('data', (sent) => {
      broker.write(sent.subarray(0, left));
      left = Math.max(0, left - sent.length);
    });
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
