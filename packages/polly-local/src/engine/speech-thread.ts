/** A speech thread: espeak blocks while it works, so it never runs in the thread that answers requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadEspeak } from './espeak.ts';
import type { SpeechRequest } from './speech-request.ts';
import { createSynthesizer } from './synthesizer.ts';

/** `cancelled` holds the number of the job to abandon, in shared memory, since a blocked thread reads no messages. */
export type ThreadData = { readonly cancelled: Int32Array<SharedArrayBuffer> };
export type Job = { readonly id: number; readonly request: SpeechRequest };
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly id: number; readonly error: unknown };

const port = parentPort;
if (!port) throw new Error('speech-thread.ts is started as a worker thread');
const { cancelled } = workerData as ThreadData;
const synthesize = createSynthesizer(await loadEspeak());

const answer = (message: Answer) => port.postMessage(message);

port.on('message', async ({ id, request }: Job) => {
  try {
    const bytes = await synthesize(request, () => Atomics.load(cancelled, 0) === id);
    answer({ kind: 'done', id, bytes });
  } catch (error) {
    answer({ kind: 'failed', id, error });
  }
});
answer({ kind: 'ready' });
