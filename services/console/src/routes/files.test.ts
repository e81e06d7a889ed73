/** A zip with an unreadable file; the test controls the log's answers and how far each file is read. */
import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bareApi } from '../../test/bare-api.ts';
import type { ConsoleDeps } from '../http/deps.ts';
import { fileRoutes } from './files.ts';

const AUDIO = Buffer.from('audio');
const FILES = ['lost.mp3', 'late.mp3'];
const SUMMARY = { setId: 'broken', set: { name: 'broken' }, counts: { total: FILES.length }, lastSeq: 1 };

/** Serves a set with these files from a store whose reads the test controls. @returns the zip's address */
async function startRoute(read: (file: string) => AsyncIterable<Uint8Array>): Promise<string> {
  const api = bareApi();
  const sha256 = hash('sha256', AUDIO);
  const items = FILES.map((file, index) => ({ index, file, state: 'completed', sha256 }));
  const deps = {
    settings: {},
    mirror: { get: () => SUMMARY },
    log: { sets: { get: async () => ({ value: { items, lastSeq: SUMMARY.lastSeq } }) } },
    acceptanceOf: async () => ({ data: { output: 'file:///out', prefix: '' } }),
    outputOf: () => ({ head: async () => ({ version: '1', bytes: AUDIO.length }), read }),
  };
  fileRoutes(api, deps as unknown as ConsoleDeps);
  return `${await api.listen({ port: 0, host: '127.0.0.1' })}/sets/broken/audio.zip`;
}

test('a zip breaks off if a file can’t be read, even just after another was verified', async () => {
  const looked = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<void>();
  let looksAtLost = true;
  const url = await startRoute(async function* (file) {
    if (file === 'lost.mp3' && !looksAtLost) {
      await looked.promise;
      lost.resolve();
      throw new Error('lost');
    }
    yield AUDIO;
    if (file === 'lost.mp3') looksAtLost = false;
    else {
      looked.resolve();
      await lost.promise;
      // By then the packer has learned of the failure.
      await setImmediate();
    }
  });
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  await expect(answer.arrayBuffer()).rejects.toThrow('terminated');
});
