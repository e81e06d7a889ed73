/** The endpoint for SNS: HTTPS, or HTTP behind a proxy that terminates TLS. It accepts only POST. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Answer } from './on-sns-message.ts';

/** The largest message of SNS. https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html */
const LARGEST_BODY_BYTES = 262_144;
/** SNS waits 15 seconds for an answer. */
const REQUEST_TIMEOUT_MS = 15_000;
/** How long a connection can take to send its headers: an idle one takes a place from others. */
const HEADERS_TIMEOUT_MS = 5_000;
const TIMEOUTS = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  connectionsCheckingInterval: 1_000,
};
/** The most connections at once: strangers must not fill the memory, and SNS retries what is turned away. */
const CONNECTIONS_AT_ONCE = 64;

export interface SnsEndpointOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** PEM files. Without them the endpoint speaks plain HTTP. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly take: (body: string) => Promise<Answer>;
  readonly onError: (error: unknown) => void;
}

export interface SnsEndpoint extends AsyncDisposable {
  readonly port: number;
}

/** Starts listening. @throws if it can't listen, or can't read a file */
export async function openSnsEndpoint(options: SnsEndpointOptions): Promise<SnsEndpoint> {
  const server = await serverOf(options);
  server.maxConnections = CONNECTIONS_AT_ONCE;
  server.on('request', (request, response) => {
    serve(request, response, options).catch((error: unknown) => {
      options.onError(error);
      response.destroy();
    });
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serverOf({ tls }: SnsEndpointOptions): Promise<Server> {
  if (!tls) return createServer(TIMEOUTS);
  const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
  return createTlsServer({ ...TIMEOUTS, handshakeTimeout: HEADERS_TIMEOUT_MS, cert, key });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { take }: SnsEndpointOptions,
): Promise<void> {
  const answer = (status: number, why: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' });
    response.end(`${why}\n`);
  };
  if (request.method !== 'POST') return answer(405, 'only SNS is served here');
  const body = await bodyOf(request);
  if (body === undefined) return answer(413, 'larger than a message of SNS');
  const { status, why } = await take(body);
  answer(status, why);
}

/** The body, or undefined if it is too large: then the rest is not read. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY_BYTES) return undefined;
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > LARGEST_BODY_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
