/** A real nats-server for tests: a store of its own, killed and brought back at will. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, findNatsServer, startBroker } from '@setlist/broker';
import { processStarted } from './leaked-processes.ts';

export interface NatsOptions {
  readonly syncInterval?: 'default' | 'always';
  /** Where the store's folder is made, such as a small file system; among the system's temporary files otherwise. */
  readonly inFolder?: string;
}

/** Disposing of it ends the server and deletes its store. */
export interface TestNats extends AsyncDisposable {
  /** Stays the same over `restart`. */
  readonly url: string;
  readonly storeDir: string;
  /** Ends the process as a crash would; resolves when it is gone. */
  kill9(): Promise<void>;
  /** Starts it again on the same store and port, ending it first, in order, if it runs. */
  restart(): Promise<void>;
}

/**
 * Starts a nats-server with JetStream on a free port of 127.0.0.1 and an empty store.
 * @throws BrokerNotFound, BrokerNotStarted
 */
export async function startNats(options: NatsOptions = {}): Promise<TestNats> {
  const { inFolder = tmpdir(), ...rest } = options;
  const storeDir = await mkdtemp(join(inFolder, 'setlist-nats-'));
  const start = async (port: number): Promise<Broker> => {
    const started = await startBroker({ storeDir, port, token: false, ...rest });
    processStarted({ name: `nats-server on ${started.url}`, pid: started.pid, exited: started.exited });
    return started;
  };
  let broker = await start(0);
  const { url, port } = broker;
  return {
    url,
    storeDir,
    kill9: async () => {
      process.kill(broker.pid, 'SIGKILL');
      await broker.exited;
    },
    restart: async () => {
      await broker.stop();
      broker = await start(port);
    },
    [Symbol.asyncDispose]: async () => {
      await broker.stop();
      await rm(storeDir, { recursive: true, force: true });
    },
  };
}

/** Version of the nats-server that tests run on, such as `2.10.27`. @throws BrokerNotFound */
export const natsVersion = async (): Promise<string> => (await findNatsServer()).version;
