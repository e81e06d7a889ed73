/** A rig with a store of sounds, and helpers for the tests of removing them. */
import { utimes } from 'node:fs/promises';
import type { Sound } from '@setlist/contracts';
import type { Removal } from '@setlist/sounds';
import { folderObjectStore, type ObjectStore } from '@setlist/storage';
import { settled } from './probes.ts';
import { type Rig, startRig } from './rig.ts';
import { ask, say } from './sets.ts';

const DAY_MS = 86_400_000;
/** Everything counts as unused, even if the broker's clock is a little ahead of the one that asks. */
export const AT_ONCE = { unusedForMs: -60_000, leftOverAfterMs: DAY_MS };
const NO_COUNTS = { total: 0, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 };

export interface CollectWorld extends AsyncDisposable {
  readonly rig: Rig;
  readonly store: ObjectStore;
  readonly holdings: Pick<Rig, 'log'> & { readonly store: ObjectStore };
  /** Requests the sounds in a new set, and waits until all have outcomes. */
  made(wanted: readonly Sound[], name: string): Promise<string>;
  end(setId: string): Promise<void>;
  /** The keys of all stored audio. */
  keys(): Promise<string[]>;
}

export async function startCollectWorld(): Promise<CollectWorld> {
  const rig = await startRig({ ENGINE: 'instant' });
  const store = folderObjectStore(`${rig.folder}/store`);
  return {
    rig,
    store,
    holdings: { log: rig.log, store },
    async made(wanted, name) {
      const setId = await ask(rig, wanted, name);
      await settled(rig, setId, wanted.length);
      return setId;
    },
    end: (setId) => say(rig, setId, 'SetCancelled', { counts: NO_COUNTS }),
    keys: async () => (await Array.fromAsync(store.list('audio/'))).map(({ key }) => key),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

export const all = (removals: AsyncIterable<Removal>): Promise<Removal[]> => Array.fromAsync(removals);

/** Makes a file too old to be left alone as new. */
export const aged = (path: string): Promise<void> => {
  const then = new Date(Date.now() - 2 * DAY_MS);
  return utimes(path, then, then);
};
