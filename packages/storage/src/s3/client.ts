/** How S3 is reached: where, with how many connections, and how long they can be silent. */
import type * as Sdk from '@aws-sdk/client-s3';
import { outboundProxy } from '@setlist/runtime';
import type { S3HeaderOptions } from './headers.ts';

export interface S3StoreOptions extends S3HeaderOptions {
  /** An address other than AWS's own, such as `http://127.0.0.1:9000`. */
  readonly endpoint?: string | undefined;
  /** By default AWS_REGION or the profile's. At AWS, a bucket in another region is found automatically. */
  readonly region?: string | undefined;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`; what most stores other than AWS's need. */
  readonly forcePathStyle?: boolean | undefined;
}

/** More than a dispatcher has in flight under Polly's own quotas. What waits too long for one is tried again. */
const MAX_SOCKETS = 256;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long a connection can be silent before its call counts as dead. */
const SILENCE_TIMEOUT_MS = 30_000;

/** A client, and the SDK that its commands come from. */
export interface S3 {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.S3Client;
}

/** Loads the SDK, which takes a fifth of a second; programs that work only with folders never wait for it. */
export async function s3Of(options: S3StoreOptions): Promise<S3> {
  const sdk = await import('@aws-sdk/client-s3');
  return { sdk, client: new sdk.S3Client(clientConfig(options)) };
}

/** Equal for two stores if S3 itself can copy objects between them, from any bucket or region. */
export const serviceOf = ({ endpoint, forcePathStyle }: S3StoreOptions): string =>
  `${endpoint ?? 'aws'} ${forcePathStyle ?? false}`;

function clientConfig({ endpoint, region, forcePathStyle = false }: S3StoreOptions): Sdk.S3ClientConfig {
  const proxy = outboundProxy();
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS, ...proxy };
  return {
    // The environment may ask for endpoints of AWS's own kinds; the SDK refuses these together with any other.
    ...(endpoint === undefined ? {} : { endpoint, useDualstackEndpoint: false, useFipsEndpoint: false }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle,
    followRegionRedirects: true,
    // For large bodies with this header, the SDK makes an agent of its own, which would bypass the proxy.
    ...(proxy.proxyEnv && { expectContinueHeader: false }),
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}
