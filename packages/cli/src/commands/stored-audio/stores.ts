/** The stores that commands work on: a system's own, and those that users name. */
import { loadConfig } from '@setlist/runtime';
import { type ObjectStore, storeConfig, storeOptionsOf, storesByUri } from '@setlist/storage';
import { refused } from '../../failure.ts';
import type { Surroundings } from '../../surroundings.ts';
import type { DataFolder } from '../../system/folder/data-folder.ts';
import { storeAddress, storeNamed } from '../system-flags.ts';

export interface StoreFlags {
  readonly server?: string;
  readonly store?: string;
}

/** Opens stores by path, relative to the working folder, or by `s3://…`, with the environment's S3 settings. */
export function storesFrom({ env, cwd }: Pick<Surroundings, 'env' | 'cwd'>): (place: string) => ObjectStore {
  const storeBy = storesByUri(storeOptionsOf(loadConfig(storeConfig, env)));
  return (place) => storeBy(storeAddress(place, cwd));
}

/** Opens a store that a user names. */
export const storeAt = (place: string, here: Surroundings): ObjectStore =>
  storesFrom(here)(storeNamed('the store', place, here.cwd));

/** Opens the store with the audio that the ledger refers to. */
export function canonicalStore(flags: StoreFlags, data: DataFolder, here: Surroundings): ObjectStore {
  const { server, store } = flags;
  if (server !== undefined && store === undefined) {
    throw refused(
      '--server names the log, not the store of its audio',
      'Add --store with the STORE of its dispatchers.',
    );
  }
  return storeAt(store ?? data.store, here);
}
