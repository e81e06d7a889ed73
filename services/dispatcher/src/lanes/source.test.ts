/** How a source ends while paid audio of its set waits to be delivered. */
import { hash as hashOf } from 'node:crypto';
import type { LaneReader, Work } from '@setlist/eventlog';
import { folderObjectStore, type ObjectStore, StoreError } from '@setlist/storage';
import { temporaryFolder } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import type { SettleDeps } from '../settle/deps.ts';
import { storeLines } from '../settle/store-line.ts';
import { LaneSource, type SourceOptions } from './source.ts';

const POLL = { timeout: 60_000 };
const ITEMS = 3;
const hash = 'a'.repeat(64);

function refuse(store: ObjectStore, code: StoreError['code'], ...ways: ('get' | 'put')[]): void {
  const error = new StoreError(code, `it is ${code}`, { remedy: 'Mend it.' });
  for (const way of ways) vi.spyOn(store, way).mockRejectedValue(error);
}

/** A lane that gives these items and no more. */
function laneOf(works: readonly Work[]): LaneReader {
  const left = [...works];
  async function* take({ signal }: { signal: AbortSignal }) {
    yield* left.splice(0);
    await new Promise((ended) => signal.addEventListener('abort', ended, { once: true }));
  }
  return { take } as unknown as LaneReader;
}

test.each([
  ['the output', (_: ObjectStore, output: ObjectStore) => refuse(output, 'unavailable', 'put')],
  [
    'the store to be readable',
    (store: ObjectStore) => {
      refuse(store, 'denied', 'get', 'put');
      vi.spyOn(store, 'read').mockImplementation(async function* () {
        yield await store.get('');
      });
    },
  ],
])('a set that ends does not wait for %s: what waits to be delivered is given back', async (_, breakDown) => {
  await using folder = await temporaryFolder();
  const store = folderObjectStore(`${folder.path}/store`);
  const output = folderObjectStore(`${folder.path}/out`);
  const paid = {
    hash,
    object: `audio/${hash}.mp3`,
    sha256: hashOf('sha256', 'audio'),
    contentType: 'audio/mpeg',
  };
  await store.put(paid.object, Buffer.from('audio'), paid);
  breakDown(store, output);
  const [warn, append, giveBack] = [vi.fn(), vi.fn(), vi.fn()];
  const works = Array.from({ length: ITEMS }, (_item, index) => {
    const data = { index, attempt: 1, lane: 'neural', file: `${index}.mp3`, hash };
    const sound = { provider: 'local', format: 'mp3', lexicons: [] };
    const event = { id: `request-${index}`, setId: 'a-set', data: { ...data, sound } };
    return { deliveries: 1, place: 1, pending: 0, record: { event }, alive: vi.fn(), giveBack };
  }) as unknown as Work[];
  const deps = {
    log: { clock: { now: () => 0 }, append },
    ledger: { read: async () => ({ kind: 'paid', seq: 9, paid }), remembers: () => true },
    files: { isTaken: () => false },
    lineOf: storeLines({ warn } as unknown as SettleDeps['logger']),
    outputOf: () => output,
    draining: new AbortController().signal,
    store,
  } as unknown as SettleDeps;
  const options = { terms: { output: output.uri }, items: ITEMS, ahead: () => ITEMS, ackWaitMs: 30_000 };
  const source = new LaneSource(deps, laneOf(works), options as unknown as SourceOptions);
  source.start();
  await vi.waitFor(() => expect(warn).toHaveBeenCalled(), POLL);
  await source.stop();
  expect(giveBack).toHaveBeenCalledTimes(ITEMS);
  expect(append).not.toHaveBeenCalled();
});
