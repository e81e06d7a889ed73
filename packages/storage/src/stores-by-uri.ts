/** Stores that a service learns of at run time, for example from a set's acceptance. */
import type { ObjectStore } from './object-store.ts';
import { type OpenStoreOptions, openStore } from './open-store.ts';

/**
 * Opens each store when its address is first asked for, and keeps it with its connections.
 * @param open stores that are already open, found by their own URIs
 * @returns a function that takes an address and throws a `StoreError` as `openStore` does
 */
export function storesByUri(
  options: OpenStoreOptions,
  open: readonly ObjectStore[] = [],
): (uri: string) => ObjectStore {
  const stores = new Map(open.map((store) => [store.uri, store]));
  return (uri) => {
    const store = stores.get(uri) ?? openStore(uri, options);
    stores.set(uri, store);
    return store;
  };
}
