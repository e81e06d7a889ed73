/** Lists a bucket, a thousand objects with each request. */
import type { ListedObject } from '../object-store.ts';
import { keyProblem } from '../preconditions.ts';
import type { S3 } from './client.ts';
import { versionOf } from './identity.ts';

export interface S3Place {
  readonly bucket: string;
  /** What every key in the bucket begins with: empty, or ending in `/`. */
  readonly base: string;
}

/** Skips objects that others left under names that are not keys, and calls `passedOver` with those names. */
export async function* listObjects(
  { sdk, client }: S3,
  { bucket, base }: S3Place,
  prefix: string,
  passedOver: (name: string) => void,
): AsyncGenerator<ListedObject> {
  const wanted = { Bucket: bucket, Prefix: base + prefix };
  for await (const page of sdk.paginateListObjectsV2({ client }, wanted)) {
    for (const { Key = '', Size = 0, ETag, LastModified = new Date(0) } of page.Contents ?? []) {
      const key = Key.slice(base.length);
      if (keyProblem(key) !== undefined) passedOver(key);
      else yield { key, bytes: Size, modified: LastModified, version: versionOf({ ETag, LastModified }) };
    }
  }
}
