/** Addresses signed for S3, at which others can read an object for a while. */
import type { PresignOptions, SignedAddress } from '../object-store.ts';
import { type S3, type S3StoreOptions, s3Of } from './client.ts';
import { s3Error } from './errors.ts';

/**
 * S3 in the bucket's own region: S3 refuses addresses that were signed for another one, where the SDK would follow a
 * redirect. The region of a store at another address is the one that was set for it.
 */
export async function s3InRegionOf(bucket: string, s3: S3, options: S3StoreOptions): Promise<S3> {
  if (options.endpoint !== undefined) return s3;
  try {
    const { BucketRegion: region } = await s3.client.send(new s3.sdk.HeadBucketCommand({ Bucket: bucket }));
    return region === undefined ? s3 : await s3Of({ ...options, region });
  } catch (error) {
    throw s3Error(error, `Cannot find out the region of s3://${bucket}`);
  }
}

/** Makes no request, except where the credentials have to be fetched. */
export async function signedAddress(
  { sdk, client }: S3,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  { seconds, contentType, contentDisposition }: PresignOptions,
): Promise<SignedAddress> {
  try {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
    const command = new sdk.GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ResponseContentType: contentType,
      ResponseContentDisposition: contentDisposition,
    });
    const { expiration } = await client.config.credentials();
    const endsMs = Math.min(Date.now() + seconds * 1_000, expiration?.getTime() ?? Infinity);
    return {
      url: await getSignedUrl(client, command, { expiresIn: seconds }),
      expiresAt: new Date(endsMs),
    };
  } catch (error) {
    throw s3Error(error, `Cannot sign an address of s3://${bucket}/${key}`);
  }
}
