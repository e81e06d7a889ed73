/** The peer: a BullMQ flow of one parent and a child for each item, on a Redis with its append-only file on. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalEngine, startProcess, temporaryFolder } from '@setlist/testkit';
import { FlowProducer, Worker } from 'bullmq';
import type { Row } from './benchmark.ts';
import type { WorkerMode, WorkerTask } from './bullmq-worker.ts';
import { WARM_UP_ITEMS } from './engine.ts';
import { cpuPerItem, usages } from './processes.ts';
import { connectRedis, startRedis } from './redis.ts';

const WORKER = fileURLToPath(new URL('bullmq-worker.ts', import.meta.url));
const CHILDREN = 'items';
const PARENTS = 'sets';

/** The number of worker processes, and of concurrent jobs in each. */
export interface Crew {
  readonly processes: number;
  readonly concurrency: number;
}

export interface FlowRun {
  readonly itemsPerSecond: number;
  readonly cpu: Row;
  readonly redisVersion: string;
}

/** Runs a flow of this many items, from adding it until its parent is due. */
export async function runFlow(mode: WorkerMode, items: number, crew: Crew): Promise<FlowRun> {
  await using folder = await temporaryFolder();
  await using redis = await startRedis();
  await using engine = await startLocalEngine({ ENGINE: 'instant' });
  await using stack = new AsyncDisposableStack();
  const task: WorkerTask = {
    ...{ mode, queue: CHILDREN, port: redis.port, concurrency: crew.concurrency },
    ...{ engineUrl: engine.url, output: folder.path },
  };
  for (let count = 0; count < crew.processes; count++) {
    const env = { WORKER_TASK: JSON.stringify(task) };
    const worker = stack.use(await startProcess({ name: 'bullmq-worker', entry: WORKER, env }));
    await worker.waitForLine(/^ready$/);
  }
  const producer = stack.use(await openProducer(redis.port));
  await producer.run('warm-up', WARM_UP_ITEMS);
  const before = usages();
  const began = performance.now();
  await producer.run('set', items);
  const seconds = (performance.now() - began) / 1_000;
  const cpu = cpuPerItem(before, usages(), items);
  if (mode !== 'empty') await requireFiles(join(folder.path, 'set'), items);
  return { itemsPerSecond: items / seconds, cpu, redisVersion: redis.version };
}

interface Producer extends AsyncDisposable {
  /** Adds a flow, and waits until its parent is due: all its children are done. */
  run(name: string, items: number): Promise<void>;
}

async function openProducer(port: number): Promise<Producer> {
  let parentDue = Promise.withResolvers<void>();
  const connections = [connectRedis(port), connectRedis(port)] as const;
  const parent = new Worker(PARENTS, async () => parentDue.resolve(), { connection: connections[0] });
  const flow = new FlowProducer({ connection: connections[1] });
  parent.on('error', (error) => parentDue.reject(error));
  await Promise.all([parent.waitUntilReady(), flow.waitUntilReady()]);
  return {
    async run(name, items) {
      parentDue = Promise.withResolvers();
      await flow.add(flowOf(name, items));
      await parentDue.promise;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([parent.close(true), flow.close()]);
      for (const connection of connections) connection.disconnect();
    },
  };
}

const flowOf = (name: string, items: number) => ({
  name,
  queueName: PARENTS,
  children: Array.from({ length: items }, (_, index) => ({
    name: 'item',
    queueName: CHILDREN,
    data: { text: `Item ${index} of ${name}.`, file: `${name}/item-${index}.mp3` },
  })),
});

/** A failed child leaves the parent waiting, but a missing file would make the peer look faster. */
async function requireFiles(folder: string, items: number): Promise<void> {
  const files = existsSync(folder) ? await readdir(folder) : [];
  if (files.length !== items) throw new Error(`the flow wrote ${files.length} files of ${items}`);
}
