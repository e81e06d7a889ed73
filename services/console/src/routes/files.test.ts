/** How often and how far files are read; the test stands in for the log and the store. */
import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bareApi } from '../../test/bare-api.ts';
import { sealGrant } from '../access/audio-links.ts';
import type { ConsoleDeps } from '../http/deps.ts';
import { audioRoutes } from './audio.ts';
import { fileRoutes } from './files.ts';

const AUDIO = Buffer.from('audio');
const SHA256 = hash('sha256', AUDIO);
const SECRET = 'secret';
const FILES = ['lost.mp3', 'late.mp3'];
const SUMMARY = { setId: 'broken', set: { name: 'broken' }, counts: { total: FILES.length }, lastSeq: 1 };

/** Serves a set with these files from a store whose reads the test controls. @returns the address */
async function startRoutes(read: (file: string) => AsyncIterable<Uint8Array>): Promise<string> {
  const api = bareApi();
  const items = FILES.map((file, index) => ({ index, file, state: 'completed', sha256: SHA256 }));
  const deps = {
    settings: {},
    mirror: { get: () => SUMMARY },
    log: { sets: { get: async () => ({ value: { items, lastSeq: SUMMARY.lastSeq } }) } },
    texts: { of: async () => [] },
    linkSecret: SECRET,
    acceptanceOf: async () => ({ data: { output: 'file:///out', prefix: '' } }),
    outputOf: () => ({ head: async () => ({ version: '1', bytes: AUDIO.length }), read }),
  };
  for (const routes of [fileRoutes, audioRoutes]) routes(api, deps as unknown as ConsoleDeps);
  return api.listen({ port: 0, host: '127.0.0.1' });
}

test('a zip breaks off if a file can’t be read, even just after another was verified', async () => {
  const looked = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<void>();
  let looksAtLost = true;
  const url = await startRoutes(async function* (file) {
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
  const answer = await fetch(`${url}/sets/broken/audio.zip`, { signal: AbortSignal.timeout(10_000) });
  await expect(answer.arrayBuffer()).rejects.toThrow('terminated');
});

test('HEAD reads audio once, to verify it, and not again to send it to nobody', async () => {
  const read: string[] = [];
  const url = await startRoutes(async function* (file) {
    read.push(file);
    yield AUDIO;
  });
  const grant = { setId: 'broken', index: 1, sha256: SHA256, address: '127.0.0.1' };
  const token = sealGrant({ ...grant, expiresAt: Date.now() + 60_000 }, SECRET);
  const { status, headers } = await fetch(`${url}/audio/${token}`, { method: 'HEAD' });
  expect([status, headers.get('content-length')]).toEqual([200, String(AUDIO.length)]);
  expect(read).toEqual(['late.mp3']);
});
