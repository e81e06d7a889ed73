/** How audio that a dispatcher stored before it died is read and kept. */
import { canonicalKey, type PaidSound } from '@setlist/sounds';
import { folderObjectStore, StoreError } from '@setlist/storage';
import { temporaryFolder } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import type { ClaimLease } from '../ledger/claim-lease.ts';
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
  const freed = vi.fn();
  const ledger = { past: async () => ({ payments: [], isDamaged: true }), freed };
  const deps = { store, lineOf, draining, ledger } as unknown as SettleDeps;
  const item = { request: { hash, sound: { format: 'mp3' } } };
  const admission = { [Symbol.dispose]: vi.fn() };
  const turn = { item, operation: 'task', right: { because: 'expired' }, admission } as unknown as Turn;

  const lease = { end: async () => ({ right: {} }) } as unknown as ClaimLease;

  const { memory } = lineOf(store);
  const held = await memory.take(ALL_BYTES, draining);
  const keeping = keepLeftBehind(deps, { turn, lease });
  await vi.waitFor(() => expect(memory.waiting).toBe(1), POLL);
  expect(get).not.toHaveBeenCalled();
  held[Symbol.dispose]();
  const meanwhile = await memory.take(ALL_BYTES, draining);
  expect(get).toHaveBeenCalled();
  await vi.waitFor(() => expect(admission[Symbol.dispose]).toHaveBeenCalled(), POLL);
  get.mockRestore();
  meanwhile[Symbol.dispose]();
  expect(await keeping).toEqual(AGAIN_NOW);
  expect(freed).toHaveBeenCalledOnce();
  expect(warn).toHaveBeenCalledOnce();
  (await memory.take(ALL_BYTES, draining))[Symbol.dispose]();
});

test('a task’s audio is kept whole, even if a call would have been made instead', async () => {
  await using folder = await temporaryFolder();
  const store = folderObjectStore(folder.path);
  const hash = 'a'.repeat(64);
  const seconds = 600;
  await store.put(canonicalKey(hash, 'mulaw'), new Uint8Array(8_000 * seconds), {
    contentType: 'audio/basic',
  });
  const lineOf = storeLines({ warn: vi.fn() } as unknown as SettleDeps['logger']);
  const noted: PaidSound[] = [];
  const ledger = {
    past: async () => ({ payments: [], isDamaged: false, stands: false, wasInVain: false, attempts: [] }),
    // Another's payment stands, so this one's audio is not delivered.
    paid: async (_: unknown, paid: PaidSound) => {
      noted.push(paid);
      return { ...paid, by: 'another', sha256: 'b'.repeat(64) };
    },
  };
  const deps = { store, lineOf, draining: new AbortController().signal, ledger } as unknown as SettleDeps;
  const step = { run: (_: string, work: () => unknown) => work() };
  const sound = { format: 'mulaw', sampleRate: 8_000, text: 'At length', textType: 'text' };
  const item = { request: { hash, sound, billedCharacters: 9 }, step };
  const right = { because: 'expired', expired: 1 };
  const admission = { [Symbol.dispose]: () => undefined };
  const turn = { item, operation: 'synthesize', right, admission } as unknown as Turn;
  const lease = { end: async () => ({ ordinal: 2, right }) } as unknown as ClaimLease;
  expect(await keepLeftBehind(deps, { turn, lease })).toEqual({ kind: 'again', inMs: 0 });
  expect(noted).toMatchObject([{ how: 'recovered', durationMs: seconds * 1_000 }]);
});
