/** How audio that a dispatcher stored before it died is read. */
import { canonicalKey } from '@setlist/sounds';
import { folderObjectStore, StoreError } from '@setlist/storage';
import { temporaryFolder } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import type { Tenure } from '../ledger/tenure.ts';
import type { SettleDeps } from './deps.ts';
import { keepLeftBehind } from './keep.ts';
import { storeLines } from './store-line.ts';
import { AGAIN_NOW, type Turn } from './turn.ts';

const ALL_BYTES = 1024 ** 3;
const POLL = { timeout: 60_000 };

test('a task’s audio that a dead dispatcher stored is read as memory has room, and takes up none while it can’t be read', async () => {
  await using folder = await temporaryFolder();
  const store = folderObjectStore(folder.path);
  const hash = 'a'.repeat(64);
  await store.put(canonicalKey(hash, 'mp3'), Buffer.from('audio'), { contentType: 'audio/mpeg' });
  const denied = new StoreError('denied', 'archived', { remedy: 'Restore it.' });
  const get = vi.spyOn(store, 'get').mockRejectedValue(denied);
  const warn = vi.fn();
  const lineOf = storeLines({ warn } as unknown as SettleDeps['logger']);
  const draining = new AbortController().signal;
  // So the audio is not used.
  const ledger = { past: async () => ({ payments: [], isDamaged: true }) };
  const deps = { store, lineOf, draining, ledger } as unknown as SettleDeps;
  const item = { request: { hash, sound: { format: 'mp3' } } };
  const admission = { [Symbol.dispose]: vi.fn() };
  const turn = { item, operation: 'task', right: { because: 'expired' }, admission } as unknown as Turn;

  const { memory } = lineOf(store);
  const held = await memory.take(ALL_BYTES, draining);
  const keeping = keepLeftBehind(deps, { turn, tenure: {} as Tenure });
  await vi.waitFor(() => expect(memory.waiting).toBe(1), POLL);
  expect(get).not.toHaveBeenCalled();
  held[Symbol.dispose]();
  const meanwhile = await memory.take(ALL_BYTES, draining);
  expect(get).toHaveBeenCalled();
  await vi.waitFor(() => expect(admission[Symbol.dispose]).toHaveBeenCalled(), POLL);
  get.mockRestore();
  meanwhile[Symbol.dispose]();
  expect(await keeping).toEqual(AGAIN_NOW);
  expect(warn).toHaveBeenCalledOnce();
  (await memory.take(ALL_BYTES, draining))[Symbol.dispose]();
});
