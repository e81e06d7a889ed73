/** The stores that `adopt` and `gc` work on: where a system keeps its audio, and what users name. */
import { config as dispatcherConfig } from '@setlist/dispatcher';
import { loadConfig } from '@setlist/runtime';
import { type ObjectStore, type OpenStoreOptions, openStore, storeOptionsOf } from '@setlist/storage';
import { refused } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';
import type { DataFolder } from '../system/data-folder.ts';
import { storeNamed } from './system-flags.ts';

export interface StoreFlags {
  readonly server?: string;
  readonly store?: string;
}

/** How stores are reached: `S3_ENDPOINT` and so on, as the dispatcher has it. */
const storeOptions = ({ env }: Surroundings, store: string): OpenStoreOptions =>
  storeOptionsOf(loadConfig(dispatcherConfig, { ...env, STORE: store }));

/** A store that a user names: a path from the working folder, or `s3://…`. */
export function storeAt(place: string, here: Surroundings): ObjectStore {
  const address = storeNamed('the store', place, here.cwd);
  return openStore(address, storeOptions(here, address));
}

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
