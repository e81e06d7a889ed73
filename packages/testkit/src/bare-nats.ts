/** A nats-server as other people run theirs: with a test's own arguments and nothing else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { findNatsServer } from '@setlist/broker';
import { eventually } from './eventually.ts';
import { childStarted } from './leaked-processes.ts';
import { freePorts } from './nats-cluster.ts';

/** Disposing of it ends the server; its store belongs to the test. */
export interface BareNats extends AsyncDisposable {
  /** `127.0.0.1` and the port, which stays the same over `restart`. */
  readonly address: string;
  /** Kills it and starts it with other arguments; resolves when it accepts connections. */
  restart(args: readonly string[]): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. @throws BrokerNotFound */
export async function startBareNats(args: readonly string[]): Promise<BareNats> {
  const binary = (await findNatsServer()).path;
  const [port = 0] = await freePorts(1);
  let running = await spawned(binary, port, args);
  return {
    address: `127.0.0.1:${port}`,
    restart: async (others) => {
      await running.kill9();
      running = await spawned(binary, port, others);
    },
    [Symbol.asyncDispose]: () => running.kill9(),
  };
}

async function spawned(binary: string, port: number, args: readonly string[]) {
  const own = ['--addr', '127.0.0.1', '--port', `${port}`];
  const child = childStarted('a bare nats-server', spawn(binary, [...own, ...args], { stdio: 'ignore' }));
  const exited = once(child, 'exit');
  await once(child, 'spawn');
  await eventually(async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
  });
  return {
    kill9: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
