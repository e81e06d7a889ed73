/** Copies within S3, also between buckets, without the bytes leaving it. */
import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3 } from './client.ts';
import { isNotImplemented, s3Error } from './errors.ts';

/**
 * @returns false if the store does not support the request: nothing was copied
 * @throws StoreError with `not-found` if there is no source
 */
export async function copyObject(
  { sdk, client }: S3,
  source: { readonly bucket: string; readonly key: string },
  target: Omit<CopyObjectCommandInput, 'CopySource'>,
): Promise<boolean> {
  // The SDK passes this header on as it is; unencoded, S3 would take `+` for a space and refuse umlauts.
  const CopySource = `${source.bucket}/${source.key.split('/').map(encodeURIComponent).join('/')}`;
  try {
    await client.send(new sdk.CopyObjectCommand({ ...target, CopySource }));
    return true;
  } catch (error) {
    if (isNotImplemented(error)) return false;
    const to = `s3://${target.Bucket}/${target.Key}`;
    throw s3Error(error, `Cannot copy s3://${source.bucket}/${source.key} to ${to}`);
  }
}
