/** Stores that a service finds named by others, such as a set's acceptance. */
import type { ObjectStore } from './object-store.ts';
import { type OpenStoreOptions, openStore } from './open-store.ts';

/**
 * Stores by the address that each is named by, opened at its first mention and kept with its connections.
 * @param open stores that are open already, found by their own URIs
 * @returns what throws a `StoreError` as `openStore` does
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
