/** Where audio and set files live: a folder or S3, behind one port. */
export { copyBetween } from './copy-between.ts';
export { sha256OfPieces } from './digest.ts';
export { flush, flushFolder, flushFolders, flushTree } from './folder/flush.ts';
export { folderObjectStore } from './folder/object-store.ts';
export { writeWhole } from './folder/replace.ts';
export type { Description, ObjectAt, ObjectStore, SignedAddress } from './object-store.ts';
export { type OpenStoreOptions, openStore } from './open-store.ts';
export { keyProblem } from './preconditions.ts';
export { storeConfig, storeOptionsOf, storeSettings } from './settings.ts';
export { ifThere, StoreError } from './store-error.ts';
export { storesByUri } from './stores-by-uri.ts';
