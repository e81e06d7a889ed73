/** S3, SNS and SQS for tests: an emulator in the test's own process, on loopback, with nothing on disk. */
import { devNull } from 'node:os';

/** The constructor options with which an AWS SDK v3 client reaches the emulator. */
interface AwsClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly forcePathStyle: true;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`; SNS and SQS answer here too. */
  readonly endpoint: string;
  readonly region: string;
  /** The environment for a child process: its SDK clients reach the emulator and read no files of the user. */
  readonly env: Readonly<Record<string, string>>;
  readonly s3ClientConfig: AwsClientConfig;
  createBucket(name: string): Promise<void>;
}

/** Raises the emulator's limit of 11 MiB for a request (S3's is 5 GiB), since half an hour of audio exceeds it. */
const BODY_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * Starts the emulator on a free port of 127.0.0.1 (its own starter binds every interface, so the app is built here).
 * Do not test these differences from AWS against it: `If-None-Match` is ignored, object tags overwrite the object,
 * lists are sorted by locale and can lose keys beyond the first 1,000, and SNS delivers only to SQS.
 */
export async function startS3(): Promise<S3Server> {
  const { buildApp } = await import('fauxqs');
  const region = 'eu-central-1';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const app = buildApp({ logger: false, defaultRegion: region });
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    endpoint,
    region,
    s3ClientConfig: { endpoint, region, forcePathStyle: true, credentials },
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    async createBucket(name) {
      const answer = await fetch(`${endpoint}/${encodeURIComponent(name)}`, { method: 'PUT' });
      if (!answer.ok) throw new Error(`Cannot create bucket ${name}: ${await answer.text()}`);
    },
    [Symbol.asyncDispose]: async () => {
      await app.close();
    },
  };
}
