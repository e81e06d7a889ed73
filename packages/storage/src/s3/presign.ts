/** Addresses signed for S3, at which others can read an object for a while. */
import type { PresignOptions, SignedAddress } from '../object-store.ts';
import { type S3, type S3StoreOptions, s3Of } from './client.ts';
import { s3Error, statusOf } from './errors.ts';

/**
 * S3 in the bucket's own region: S3 refuses addresses that were signed for another one, where the SDK would follow a
 * redirect. The region of a store at another address is the one that was set for it.
 */
export async function s3InRegionOf(bucket: string, s3: S3, options: S3StoreOptions): Promise<S3> {
  if (options.endpoint !== undefined) return s3;
  const region = await regionOf(bucket, s3);
  return region ? await s3Of({ ...options, region }) : s3;
}

/** AWS names it even where it refuses the request for want of `s3:ListBucket`; other servers may not. */
async function regionOf(bucket: string, { sdk, client }: S3): Promise<string | undefined> {
  try {
    return (await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }))).BucketRegion;
  } catch (error) {
    if (error instanceof sdk.S3ServiceException && statusOf(error) === 403)
      return error.$response?.headers['x-amz-bucket-region'];
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
