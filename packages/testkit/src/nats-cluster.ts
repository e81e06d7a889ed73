/** Three nats-servers that replicate a log, on loopback, to test what happens when one of them dies. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findNatsServer } from '@setlist/broker';
import { eventually } from './eventually.ts';
import { freeze } from './freeze.ts';
import { processStarted } from './leaked-processes.ts';

/** Disposing of it ends the servers and deletes their stores. */
export interface TestCluster extends AsyncDisposable {
  /** The addresses of all nodes, separated by commas. */
  readonly servers: string;
  /** The name of the node that currently leads a stream. */
  leaderOf(stream: string): Promise<string>;
  /** How many of a stream's replicas are present and up to date, the leader's included. */
  currentCopiesOf(stream: string): Promise<number>;
  /** Kills a node; resolves when it is gone. */
  kill9(node: string): Promise<void>;
  /** Suspends a node, like an overloaded machine; it must catch up later with what the others do meanwhile. */
  freeze(node: string): void;
  thaw(node: string): void;
  /**
   * Starts a node that was killed, or not started yet, on its own store and ports; resolves when all nodes that run are
   * healthy and listed by their leader.
   */
  start(node: string): Promise<void>;
}

interface Node {
  readonly name: string;
  /** Own to each cluster: a port that is free again by then may belong to a node of another test's cluster. */
  readonly cluster: string;
  readonly folder: string;
  readonly clientPort: number;
  readonly routePort: number;
  readonly monitorPort: number;
  running?: { readonly pid: number; kill9(): Promise<void> };
}

const NODES = 3;
const READY_DEADLINE_MS = 60_000;
/** Nodes that hear each other have a leader after 5 to 10 s. */
const HEARD_WITHIN_MS = 15_000;

/**
 * Starts three nodes, `node-1` to `node-3`, and waits until they have elected a leader. If the last `late` ones are
 * left out, it waits only until the others answer: not every nats-server elects a leader before all have appeared.
 * @throws BrokerNotFound
 */
export async function startCluster({ late = 0 } = {}): Promise<TestCluster> {
  const binary = (await findNatsServer()).path;
  const folder = await mkdtemp(join(tmpdir(), 'setlist-cluster-'));
  const ports = await freePorts(3 * NODES);
  const nodes = Array.from({ length: NODES }, (_, index): Node => {
    const [clientPort = 0, routePort = 0, monitorPort = 0] = ports.slice(3 * index);
    const name = `node-${index + 1}`;
    return {
      name,
      cluster: basename(folder),
      folder: join(folder, name),
      clientPort,
      routePort,
      monitorPort,
    };
  });
  const start = (node: Node) => startNode(binary, node, nodes);
  const punctual = nodes.slice(0, NODES - late);
  await Promise.all(punctual.map(start));
  await (late > 0 ? Promise.all(punctual.map(untilAnswering)) : untilWhole(nodes, start));
  const named = (name: string): Node => {
    const found = nodes.find((node) => node.name === name);
    if (!found) throw new Error(`the cluster has no node ${name}`);
    return found;
  };
  const pidOf = (name: string): number => named(name).running?.pid ?? Number.NaN;
  return {
    servers: nodes.map(({ clientPort }) => `nats://127.0.0.1:${clientPort}`).join(','),
    leaderOf: async (stream) => (await groupOf(nodes, stream)).leader,
    currentCopiesOf: async (stream) => {
      const { replicas } = await groupOf(nodes, stream);
      return 1 + replicas.filter(isPresent).length;
    },
    kill9: async (name) => named(name).running?.kill9(),
    freeze: (name) => freeze(pidOf(name)),
    thaw: (name) => void process.kill(pidOf(name), 'SIGCONT'),
    start: async (name) => {
      await start(named(name));
      await untilWhole(nodes, start);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map(({ running }) => running?.kill9()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startNode(binary: string, node: Node, nodes: readonly Node[]): Promise<void> {
  await mkdir(node.folder, { recursive: true });
  const file = join(node.folder, 'nats-server.conf');
  await writeFile(file, configOf(node, nodes));
  const log = openSync(join(node.folder, 'nats-server.log'), 'a');
  const child = spawn(binary, ['--config', file], { stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = once(child, 'exit');
  await once(child, 'spawn');
  const { pid = Number.NaN } = child;
  processStarted({ name: `nats-server ${node.name}`, pid, exited });
  node.running = {
    pid,
    kill9: async () => {
      delete node.running;
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const configOf = (node: Node, nodes: readonly Node[]): string => `
listen: "127.0.0.1:${node.clientPort}"
http: "127.0.0.1:${node.monitorPort}"
server_name: "${node.name}"
max_payload: 1MB
jetstream { store_dir: ${JSON.stringify(node.folder)} }
cluster {
  name: "${node.cluster}"
  listen: "127.0.0.1:${node.routePort}"
  routes: [${nodes.map(({ routePort }) => `"nats://127.0.0.1:${routePort}"`).join(', ')}]
}
`;

/** Healthy: JetStream runs, knows the cluster's leader, and has caught up. */
const untilHealthy = (node: Node): Promise<unknown> => untilOk(node, '/healthz');

/**
 * Every node that runs is healthy and listed by the leader. On a busy machine, nats-server 2.10 sometimes leaves a new
 * node unheard by another (docs/operations.md, "Durability"): it votes, and its votes get lost. A restart helps.
 */
async function untilWhole(nodes: readonly Node[], start: (node: Node) => Promise<void>): Promise<void> {
  const running = nodes.filter((node) => node.running !== undefined);
  let restartAt = performance.now() + HEARD_WITHIN_MS;
  const isWhole = async (): Promise<boolean> => {
    const listed = await listedNodes(running);
    const unheard = running.findLast(({ name }) => !listed.includes(name));
    if (unheard === undefined) return true;
    if (performance.now() > restartAt) {
      await unheard.running?.kill9();
      await start(unheard);
      restartAt = performance.now() + HEARD_WITHIN_MS;
    }
    return false;
  };
  await eventually(isWhole, { deadlineMs: READY_DEADLINE_MS, everyMs: 100 });
  await Promise.all(running.map(untilHealthy));
}

/** The nodes that take part, as their leader lists them; none if there is no leader. */
async function listedNodes(nodes: readonly Node[]): Promise<string[]> {
  const lists = await Promise.all(
    nodes.map(async ({ name, monitorPort }) => {
      const { meta_cluster } = (await reportOf(monitorPort, '')) ?? {};
      if (meta_cluster?.leader !== name) return [];
      return [name, ...(meta_cluster.replicas ?? []).filter(isPresent).map((replica) => replica.name)];
    }),
  );
  return lists.flat();
}

/** JetStream runs, with or without a leader. */
const untilAnswering = (node: Node): Promise<unknown> => untilOk(node, '/healthz?js-enabled-only=true');

const untilOk = ({ monitorPort }: Node, path: string): Promise<unknown> =>
  eventually(async () => (await fetch(`http://127.0.0.1:${monitorPort}${path}`)).ok, {
    deadlineMs: READY_DEADLINE_MS,
    everyMs: 100,
  });

interface RaftGroup {
  readonly leader: string;
  readonly replicas: ReadonlyArray<{
    readonly name: string;
    readonly current: boolean;
    readonly offline?: boolean;
  }>;
}

const isPresent = ({ current, offline }: RaftGroup['replicas'][number]): boolean => current && !offline;

interface JetStreamReport {
  readonly meta_cluster?: Partial<RaftGroup>;
  readonly account_details?: ReadonlyArray<{
    readonly stream_detail?: ReadonlyArray<{ readonly name: string; readonly cluster?: Partial<RaftGroup> }>;
  }>;
}

/** What a node reports about JetStream; nothing while it doesn't answer. */
async function reportOf(monitorPort: number, query: string): Promise<JetStreamReport | undefined> {
  const reply = await fetch(`http://127.0.0.1:${monitorPort}/jsz${query}`).catch(() => undefined);
  return (await reply?.json()) as JetStreamReport | undefined;
}

/** The Raft group as its own leader reports it: the others can be behind, or down. */
function groupOf(nodes: readonly Node[], stream: string): Promise<RaftGroup> {
  const askOne = async ({ name, monitorPort }: Node): Promise<RaftGroup | undefined> => {
    const { account_details = [] } = (await reportOf(monitorPort, '?accounts=true&streams=true')) ?? {};
    const details = account_details.flatMap(({ stream_detail = [] }) => stream_detail);
    const { leader, replicas = [] } = details.find((detail) => detail.name === stream)?.cluster ?? {};
    return leader === name ? { leader, replicas } : undefined;
  };
  return eventually(
    async () => {
      const groups = await Promise.all(nodes.map(askOne));
      return groups.find((group) => group !== undefined) ?? null;
    },
    { deadlineMs: READY_DEADLINE_MS, everyMs: 100 },
  );
}

/** Ports that were free a moment ago: nodes must know each other's before they start. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a socket without a port');
    return address.port;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
