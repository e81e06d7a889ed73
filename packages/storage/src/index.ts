/** Where audio and set files live: a folder or S3, behind one port. */
export { copyBetween } from './copy-between.ts';
export type { FolderStoreOptions } from './folder-object-store.ts';
export { folderObjectStore } from './folder-object-store.ts';
export type {
  Body,
  CopyOptions,
  Description,
  ListedObject,
  Metadata,
  ObjectAt,
  ObjectStore,
  PresignOptions,
  PutOptions,
  StoredObject,
} from './object-store.ts';
export { type OpenStoreOptions, openStore } from './open-store.ts';
export { keyProblem } from './preconditions.ts';
export type { S3StoreOptions } from './s3-client.ts';
export { s3ObjectStore } from './s3-object-store.ts';
export { type StoreSettings, storeOptionsOf, storeSettings } from './settings.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';
export { storesByUri } from './stores-by-uri.ts';
