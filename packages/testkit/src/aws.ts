/** S3, SNS and SQS for tests: an emulator inside the test's own process, on loopback, with nothing kept on disk. */
import { devNull } from 'node:os';

/** What an AWS SDK v3 client's constructor takes to reach the emulator. */
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
  /** Settings for a child process: its SDK clients reach the emulator and read no file of this machine's user. */
  readonly env: Readonly<Record<string, string>>;
  readonly s3ClientConfig: AwsClientConfig;
  createBucket(name: string): Promise<void>;
}

/** S3 takes 5 GiB in one request, the emulator 11 MiB; half an hour of audio lies between. */
const BODY_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * Starts the emulator on a free port of 127.0.0.1 (its own starter binds every interface, hence the app is built
 * here). It is not S3 in some ways; do not test these against it: `If-None-Match` is ignored, object tags overwrite
 * the object, lists are sorted by locale and may lose keys beyond the first 1,000, and SNS delivers to SQS only.
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
