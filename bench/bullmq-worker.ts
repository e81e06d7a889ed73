/** A worker process of the peer: handles each job as its mode says, for as long as it lives. */
import { openStore } from '@setlist/storage';
import { type Job, Worker } from 'bullmq';
import { speaker } from './engine.ts';
import { connectRedis } from './redis.ts';

/** The data of a child job. */
export interface ItemJob {
  readonly text: string;
  readonly file: string;
}

/** call: calls the engine and writes the file; file: writes the same file without a call; empty: does nothing. */
export type WorkerMode = 'call' | 'file' | 'empty';

export interface WorkerTask {
  readonly mode: WorkerMode;
  readonly queue: string;
  readonly port: number;
  readonly concurrency: number;
  readonly engineUrl: string;
  readonly output: string;
}

type Process = (job: Job<ItemJob>) => Promise<void>;

async function processorOf({ mode, engineUrl, output }: WorkerTask): Promise<Process> {
  if (mode === 'empty') return async () => {};
  const store = openStore(output);
  const speak = speaker(engineUrl);
  const options = { contentType: 'audio/mpeg' };
  if (mode === 'call') {
    return async ({ data }) => void (await store.put(data.file, await speak(data.text), options));
  }
  const audio = await speak('Always the same.');
  return async ({ data }) => void (await store.put(data.file, audio, options));
}

const task = JSON.parse(process.env.WORKER_TASK ?? '') as WorkerTask;
const worker = new Worker<ItemJob, void>(task.queue, await processorOf(task), {
  connection: connectRedis(task.port),
  concurrency: task.concurrency,
});
worker.on('error', (error) => process.stderr.write(`${error.stack}\n`));
await worker.waitUntilReady();
process.stdout.write('ready\n');
