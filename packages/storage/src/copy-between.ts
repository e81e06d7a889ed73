/** Copies from one store to another: natively where both are the same, by reading and writing where not. */
import type { ObjectStore, PutOptions } from './object-store.ts';

/**
 * Makes `to` in `target` an independent copy of `from` in `source`, in one step for readers of `to`.
 * `described` is what S3 needs to know of a body that comes from another store.
 *
 * @throws StoreError with `not-found` if there is no `from`
 */
export async function copyBetween(
  source: { readonly store: ObjectStore; readonly key: string },
  target: { readonly store: ObjectStore; readonly key: string },
  described: PutOptions,
): Promise<void> {
  if (source.store.uri === target.store.uri) {
    await target.store.copy(source.key, target.key);
    return;
  }
  await target.store.put(target.key, await source.store.get(source.key), described);
}
