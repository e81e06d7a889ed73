/** A test's own S3 that can misbehave: it denies requests, knows no buckets, or stores changed bytes. */
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startS3 } from '@setlist/testkit';

/**
 * What happens to a request: it passes; it is denied; it is answered with 404 by a server that doesn't know the place,
 * such as a misrouted proxy; or the bytes that it puts are silently changed.
 */
export type Oddity = 'passes' | 'denied' | 'page' | 'changed';

export type OddStore = Awaited<ReturnType<typeof startOddStore>>;

/** Starts it with the given buckets. `env` points a dispatcher there; this process's environment needs credentials. */
export async function startOddStore(...buckets: readonly string[]) {
  const s3 = await startS3();
  for (const bucket of buckets) await s3.createBucket(bucket);
  const passes = (_method: string, _path: string): Oddity => 'passes';
  let oddity = passes;
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming;
    void pass(incoming, outgoing, { to: s3.endpoint, how: oddity(method, url) }).catch(() =>
      outgoing.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const options = { endpoint: `http://127.0.0.1:${port}`, region: s3.region, forcePathStyle: true };
  return {
    options,
    env: { S3_ENDPOINT: options.endpoint, S3_REGION: s3.region, S3_FORCE_PATH_STYLE: 'true' },
    /** Misbehaves as given until the result is disposed. */
    be(next: typeof oddity): Disposable {
      oddity = next;
      return {
        [Symbol.dispose]() {
          oddity = passes;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await s3[Symbol.asyncDispose]();
    },
  };
}

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { to, how }: { to: string; how: Oddity },
): Promise<void> {
  const { method = 'GET', headers, url = '/' } = incoming;
  const body = await buffer(incoming);
  if (how === 'denied') return void outgoing.writeHead(403).end();
  if (how === 'page')
    return void outgoing.writeHead(404).end(method === 'HEAD' ? '' : '404 page not found\n');
  const { 'x-amz-checksum-sha256': sum, ...others } = headers;
  if (how === 'changed') body[0] = ~(body[0] ?? 0);
  const asked = httpRequest(new URL(url, to), { method, headers: how === 'changed' ? others : headers });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  answer.pipe(outgoing);
}
