/** The stores that commands work on: where a system keeps its audio, and what users name. */
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

/** Stores by a path from the working folder, or `s3://…`, as the environment reaches them (`S3_ENDPOINT` and so on). */
export function storesFrom({ env, cwd }: Pick<Surroundings, 'env' | 'cwd'>): (place: string) => ObjectStore {
  const storeBy = storesByUri(storeOptionsOf(loadConfig(storeConfig, env)));
  return (place) => storeBy(storeAddress(place, cwd));
}

/** A store that a user names. */
export const storeAt = (place: string, here: Surroundings): ObjectStore =>
  storesFrom(here)(storeNamed('the store', place, here.cwd));

/** Where the audio is that a ledger speaks of. */
export function canonicalStore(flags: StoreFlags, data: DataFolder, here: Surroundings): ObjectStore {
  const { server, store } = flags;
  if (server !== undefined && store === undefined) {
    throw refused(
      '--server says where the log is, not where its audio is kept',
      'Add --store with what its dispatchers have as STORE.',
    );
  }
  return storeAt(store ?? data.store, here);
}
