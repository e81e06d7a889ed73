/** The AWS SDK's client for Amazon Polly, or for the local engine with the same API. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { PollyClient, type PollyClientConfig } from '@aws-sdk/client-polly';
import { outboundProxy } from '@setlist/runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface PollyClientOptions {
  /** AWS_REGION or the profile's if undefined. */
  readonly region: string | undefined;
  /** The local engine's address, instead of AWS's. It gets no real credentials. */
  readonly endpoint?: string;
  /** How long its calls can be silent, in ms. */
  readonly callTimeoutMs: number;
}

/** How much longer a connection can be silent than a call: calls are ended by their own limit, requests to STS by this. */
const LONGER_MS = 1_000;

/** The local engine must not see real credentials. It checks no signature; signing would cost 0.2 ms per call. */
const LOCAL_ACCESS: PollyClientConfig = {
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  signer: { sign: async (request) => request },
  // The environment may ask for these at AWS; with an address of its own, the SDK would refuse to send anything.
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
};

/** Where credentials come from STS, they are asked for in the same way. The local engine is reached directly. */
export function pollyClient({ region, endpoint, callTimeoutMs }: PollyClientOptions): PollyClient {
  // Without a limit of its own: the gates bound the calls, and one that waited for a socket would end as not connected.
  const agent = { keepAlive: true, ...(endpoint === undefined && outboundProxy()) };
  return new PollyClient({
    ...(region === undefined ? {} : { region }),
    // One attempt: the gate counts every call, and `classify` decides on every retry.
    maxAttempts: 1,
    cacheMiddleware: true,
    // HTTP/1.1 with kept-alive sockets: the SDK's HTTP/2 default opens a connection per request.
    requestHandler: new NodeHttpHandler({
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: 5_000,
      socketTimeout: callTimeoutMs + LONGER_MS,
    }),
    ...(endpoint === undefined ? {} : { endpoint, ...LOCAL_ACCESS }),
  });
}
