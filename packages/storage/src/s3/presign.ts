/** Addresses signed for S3, at which others can read an object for a while. */
import type { PresignOptions } from '../object-store.ts';
import type { S3 } from './client.ts';
import { s3Error } from './errors.ts';

/** Makes no request, except where the credentials have to be fetched. */
export async function signedAddress(
  { sdk, client }: S3,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  { seconds, contentType, contentDisposition }: PresignOptions,
): Promise<string> {
  try {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
    const command = new sdk.GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ResponseContentType: contentType,
      ResponseContentDisposition: contentDisposition,
    });
    return await getSignedUrl(client, command, { expiresIn: seconds });
  } catch (error) {
    throw s3Error(error, `Cannot sign an address of s3://${bucket}/${key}`);
  }
}
