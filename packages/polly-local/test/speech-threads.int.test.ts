import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, vi } from 'vitest';
import type { SpeechRequest } from '../src/engine/speech-request.ts';
import { startSpeechThreads } from '../src/engine/speech-threads.ts';

const aye: SpeechRequest = {
  text: 'Aye.',
  textType: 'text',
  voice: 'Brian',
  language: 'en-GB',
  pronunciations: [],
  output: { kind: 'audio', format: 'pcm', sampleRate: 8_000 },
};

afterEach(() => vi.restoreAllMocks());

it('gives phrases priority, but a task its turn while phrases still wait', async () => {
  await using threads = await startSpeechThreads(1);
  const order: string[] = [];
  const say = (urgency: 'phrase' | 'task') =>
    threads.synthesize(aye, urgency).then(() => void order.push(urgency));
  const phrases = [say('phrase'), say('phrase')];
  const task = say('task');
  for (let more = 0; more < 40; more++) phrases.push(say('phrase'));
  await Promise.all([task, ...phrases]);
  expect(order.indexOf('task')).toBeGreaterThan(5);
  expect(order.indexOf('task')).toBeLessThan(30);
});

it('speaks requests that arrive between the death of its only thread and its replacement', async () => {
  const told = vi.spyOn(Worker.prototype, 'postMessage');
  await using threads = await startSpeechThreads(1);
  told.mockImplementationOnce(function (this: Worker) {
    void this.terminate();
  });
  const dying = threads.synthesize(aye, 'phrase');
  const [worker] = told.mock.contexts as unknown as [Worker];
  const died = expect(dying).rejects.toThrow();
  await once(worker, 'exit');
  await died;
  expect((await threads.synthesize(aye, 'phrase')).length).toBeGreaterThan(0);
});

it('ends the process if its last thread can’t be replaced', () => {
  const program = `
    import { Worker } from 'node:worker_threads';
    import { startSpeechThreads } from '${new URL('../src/engine/speech-threads.ts', import.meta.url)}';
    const threads = await startSpeechThreads(1);
    threads.start = () => Promise.reject(new Error('no memory is left'));
    Worker.prototype.postMessage = function () { void this.terminate(); };
    setTimeout(() => process.exit(0), 60_000);
    await threads.synthesize({}, 'phrase').catch(() => undefined);
  `;
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  expect(status).not.toBe(0);
  expect(stderr).toContain('No speech thread could be started again');
});
