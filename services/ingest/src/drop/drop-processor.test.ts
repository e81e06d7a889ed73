/** A processor that is given the same file more than once. */
import { createLogger } from '@setlist/runtime';
import { expect, test } from 'vitest';
import { DropProcessor } from './drop-processor.ts';
import type { Dropped } from './dropped.ts';

test('a file that waits for a retry is started once, and everyone who brings it is told that it waits', async () => {
  const ending = new AbortController();
  const processDrop = async (): Promise<void> => {
    throw new Error('the store is away');
  };
  const processor = new DropProcessor({
    processDrop,
    logger: createLogger({ service: 'ingest', level: 'silent' }),
    signal: ending.signal,
  });
  const dropped = {
    run: '20261122t205012-k3f9q2',
    uri: 'file:///in/act.yml',
    fileName: 'act.yml',
  } as Dropped;
  const bring = (): Promise<Promise<boolean>[]> => {
    const { promise, resolve } = Promise.withResolvers<Promise<boolean>[]>();
    const processed = processor.take(
      dropped,
      { bytes: async () => 1, hold: async () => new AsyncDisposableStack() },
      () => resolve([processed]),
    );
    return promise;
  };
  const [one] = await bring();
  const [other] = await bring();
  expect(other).toBe(one);
  ending.abort();
  await processor.drain();
  expect(await one).toBe(false);
});
