/** Opens the store that a user's address names. */
import { fileURLToPath } from 'node:url';
import { type FolderStoreOptions, folderObjectStore } from './folder/object-store.ts';
import type { ObjectStore } from './object-store.ts';
import { requireKey } from './preconditions.ts';
import type { S3StoreOptions } from './s3/client.ts';
import { s3ObjectStore } from './s3/object-store.ts';
import { StoreError } from './store-error.ts';

/** `fsync` is for folders, the rest for S3. Options that don't apply are ignored: one set of settings serves both. */
export interface OpenStoreOptions extends FolderStoreOptions, S3StoreOptions {}

/** Two letters or more: `C:\out` is a path. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Opens `file:///folder`, a plain path (relative to the working folder) or `s3://bucket/prefix`, ignoring white space
 * around it. Touches nothing yet; `check()` finds out whether the store is usable.
 *
 * @throws StoreError with `invalid-uri`, or `invalid-key` for a prefix that no key can have
 */
export function openStore(address: string, options: OpenStoreOptions = {}): ObjectStore {
  const uri = address.trim();
  const scheme = SCHEME.exec(uri)?.[1]?.toLowerCase();
  if (scheme === 's3') return openBucket(uri, options);
  if (scheme === 'file') return folderObjectStore(pathOf(uri), options);
  // An address with an unreadable scheme, such as "'s3://bucket" with its quote, was never meant as a path.
  if (scheme !== undefined || uri === '' || uri.includes('://')) throw invalidUri(address);
  return folderObjectStore(uri, options);
}

function openBucket(uri: string, options: S3StoreOptions): ObjectStore {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(uri) ?? [];
  if (!BUCKET.test(bucket)) throw invalidUri(uri);
  const prefix = rest.replace(/\/$/, '');
  if (prefix !== '') requireKey(prefix);
  return s3ObjectStore(bucket, prefix, options);
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw invalidUri(uri, error);
  }
}

function invalidUri(uri: string, cause?: unknown): StoreError {
  return new StoreError('invalid-uri', `${JSON.stringify(uri)} is not the address of a store.`, {
    remedy:
      'Write a path (out/audio), file:///absolute/folder, or s3://bucket/prefix; and ./ before a path that has a colon.',
    cause,
  });
}
