/** What happens to a queue's message while its object is processed, however long that takes. */
import { createLogger } from '@setlist/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KEEP_EVERY_MS, type Queue } from '../adapters/sqs-queue.ts';
import { watchQueue } from './watch-queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Watches a queue that delivers messages once, with an inbox that processes its object when the test says how. */
function watched({ messages = 1 } = {}) {
  const did: string[] = [];
  const stop = new AbortController();
  const dealt = Promise.withResolvers<boolean>();
  const object = { bucket: { name: 'sets' }, object: { key: 'in/a.yml' } };
  const message = {
    id: 'message-1',
    body: JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3: object }] }),
    deliveries: 1,
    done: async () => void did.push('done'),
    keep: async () => void did.push('keep'),
  };
  const queue: Queue = {
    url: 'https://queue.example',
    receive: async () => {
      queue.receive = () => new Promise((_, reject) => stop.signal.addEventListener('abort', reject));
      return Array.from({ length: messages }, () => message);
    },
  };
  const hint = async (key: string): Promise<boolean> => {
    did.push(key);
    return dealt.promise;
  };
  const ended = watchQueue({
    queue,
    inboxes: [{ uri: 's3://sets/in', hint }],
    troubles: new Map(),
    logger: createLogger({ service: 'ingest', level: 'silent' }),
    signal: stop.signal,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { did, dealt, end };
}

test('a message stays hidden, renewed every twenty seconds, until its object is processed, and is then deleted', async () => {
  const { did, dealt, end } = watched();
  await vi.advanceTimersByTimeAsync(3 * 20_000 + 19_999);
  expect(did).toEqual(['a.yml', 'keep', 'keep', 'keep']);
  dealt.resolve(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(did).toEqual(['a.yml', 'keep', 'keep', 'keep', 'done']);
  await end();
});

test('a message whose object waits for longer than SQS can hide it is left to be delivered again', async () => {
  const { did, end } = watched();
  await vi.advanceTimersByTimeAsync(11 * 3_600_000);
  const keptFor11Hours = did.length - 1;
  expect(keptFor11Hours).toBe((11 * 3_600_000) / KEEP_EVERY_MS);
  await vi.advanceTimersByTimeAsync(3_600_000);
  const kept = did.length;
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(did).toHaveLength(kept);
  await end();
});

test.each([
  ['is not processed', (dealt: PromiseWithResolvers<boolean>) => dealt.resolve(false)],
  ['fails', (dealt: PromiseWithResolvers<boolean>) => dealt.reject(new Error('no'))],
])('a message whose object %s is left to be redelivered', async (_, settle) => {
  const { did, dealt, end } = watched();
  await vi.advanceTimersByTimeAsync(KEEP_EVERY_MS);
  settle(dealt);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(did).toEqual(['a.yml', 'keep']);
  await end();
});

test('the end does not wait for the messages in hand, although no more are received because of them', async () => {
  const { did, end } = watched({ messages: 20 });
  await vi.advanceTimersByTimeAsync(0);
  expect(did).toHaveLength(20);
  await end();
});
