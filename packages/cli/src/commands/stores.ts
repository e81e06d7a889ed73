/** The stores and buckets that commands work on: a system's own, and those that users name. */
import { resolve } from 'node:path';
import { type Environment, loadConfig } from '@setlist/runtime';
import {
  type ObjectStore,
  openStore,
  StoreError,
  storeConfig,
  storeOptionsOf,
  storesByUri,
} from '@setlist/storage';
import { refused } from '../failure.ts';
import type { Reach } from '../output/text/told-command.ts';
import type { Surroundings } from '../surroundings.ts';
import type { DataFolder } from '../system/folder/data-folder.ts';

export interface StoreFlags extends Pick<Reach, 'server'> {
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

/** The place of that store, where a command can do without: with `--server`, it is known if the option or STORE names it. */
export const knownStorePlace = (
  { server, store }: StoreFlags,
  data: DataFolder,
  env: Environment,
): string | undefined => store ?? (server === undefined ? data.store : env.STORE);

/**
 * The address of the store that an option or argument names.
 * @param remedy where not every kind of store will do
 * @throws CommandFailed (2) if it can't be a store
 */
export function storeNamed(option: string, address: string, cwd: string, remedy?: string): string {
  const place = storeAddress(address, cwd);
  try {
    openStore(place);
    return place;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw refused(`${option}: ${error.message}`, remedy ?? error.remedy);
  }
}

/** The store's address: a URL as it is, a path made absolute from the working folder. */
const storeAddress = (address: string, cwd: string): string =>
  /^[a-z][a-z0-9+.-]+:/i.test(address) ? address : resolve(cwd, address);

/** The bucket that the option or TASK_BUCKET names. @throws CommandFailed (2) if it is not a bucket name */
export function bucketNamed(option: string | undefined, env: Environment): string | undefined {
  const text = option ?? env.TASK_BUCKET;
  if (text === undefined) return undefined;
  const name = /^(?:s3:\/\/)?([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(text)?.[1];
  if (name !== undefined) return name;
  throw refused(
    `${JSON.stringify(text)} is not a bucket name`,
    'Write the bucket’s name, or s3://name, without a folder.',
  );
}
