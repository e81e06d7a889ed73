/** A broker's address at which connections can fall silent, be cut, or be greeted late. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** What clients have sent, whether it passed or not. */
  readonly said: string;
  /** How many connections clients have begun. */
  readonly dials: number;
  /** From now on nothing passes, but clients keep their connections, even if the broker ends. */
  fallSilent(): void;
  /** Cuts all connections; those that follow are joined to the broker once `greet` resolves. */
  cut(greet?: Promise<void>): void;
}

export async function relayTo(brokerUrl: string): Promise<Relay> {
  const { port, hostname } = new URL(brokerUrl);
  const sockets = new Set<Socket>();
  let isSilent = false;
  let said = '';
  let dials = 0;
  let greeting = Promise.resolve();
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (bytes: Buffer) => void (isSilent || to.write(bytes)));
    from.on('close', () => {
      if (!isSilent) to.destroy();
    });
  };
  const opened = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    dials++;
    opened(client).on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
    });
    void greeting.then(() => {
      const broker = opened(connect(Number(port), hostname));
      pass(client, broker);
      pass(broker, client);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get said() {
      return said;
    },
    get dials() {
      return dials;
    },
    fallSilent: () => {
      isSilent = true;
    },
    cut: (greet = Promise.resolve()) => {
      greeting = greet;
      isSilent = false;
      cutAll();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cutAll();
    },
  };
}
