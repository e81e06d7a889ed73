/** Buckets of an S3 API. In its own file, loaded only if needed, since the client is slow to load. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { AudioSink } from './audio-sink.ts';
import { type AwsEndpoint, awsClientConfig } from './aws-endpoint.ts';

export function s3AudioSink(endpoint: AwsEndpoint): AudioSink & Disposable {
  const client = new S3Client({ ...awsClientConfig(endpoint), forcePathStyle: true });
  return {
    check: () => undefined,
    async write({ bucket, key }, bytes, contentType) {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: contentType }),
      );
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}
