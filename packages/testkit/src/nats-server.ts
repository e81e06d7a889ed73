/** A real nats-server for tests, with its own store, that can be killed and restarted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, findNatsServer, startBroker } from '@setlist/broker';
import { freeze } from './freeze.ts';
import { processStarted } from './leaked-processes.ts';

export interface NatsOptions {
  /** Where the store's folder is created, such as a small file system; by default the system's temporary folder. */
  readonly inFolder?: string;
}

/** Disposing of it ends the server and deletes its store. */
export interface TestNats extends AsyncDisposable {
  /** Stays the same over `restart`. */
  readonly url: string;
  readonly storeDir: string;
  /** Kills the process; resolves when it is gone. */
  kill9(): Promise<void>;
  /** From now on it answers nothing; its connections stay open. */
  freeze(): void;
  /** Lets a frozen process run again. */
  thaw(): void;
  /** Starts it again on the same store and port, after a clean stop if it runs. */
  restart(): Promise<void>;
}

/**
 * Starts a nats-server with JetStream on a free port of 127.0.0.1 and an empty store.
 * @throws BrokerNotFound, BrokerNotStarted
 */
export async function startNats(options: NatsOptions = {}): Promise<TestNats> {
  const { inFolder = tmpdir() } = options;
  const storeDir = await mkdtemp(join(inFolder, 'setlist-nats-'));
  const start = async (port: number): Promise<Broker> => {
    const started = await startBroker({ storeDir, port, token: false });
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
    freeze: () => freeze(broker.pid),
    thaw: () => void process.kill(broker.pid, 'SIGCONT'),
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

/** The version of the nats-server that tests use, such as `2.10.27`. @throws BrokerNotFound */
export const natsVersion = async (): Promise<string> => (await findNatsServer()).version;
