/** The S3 store: the common guarantees against a server that speaks S3, then answers that such a server never gives. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type S3Server, startS3 } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { copyBetween, type Description, type ObjectStore, openStore } from '../src/index.ts';
import { describeStore } from './conformance.ts';
import { MP3, type Specimen } from './specimen.ts';

const BODY = Buffer.from('body');

let server: S3Server;
let buckets = 0;

beforeAll(async () => {
  server = await startS3();
  // The store takes its credentials from the environment, as it would anywhere.
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL', '');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

async function newBucket(): Promise<string> {
  buckets += 1;
  const name = `bucket-${buckets}`;
  await server.createBucket(name);
  return name;
}

function openHere(uri: string, endpoint = server.endpoint): ObjectStore {
  return openStore(uri, { endpoint, region: server.region, forcePathStyle: true });
}

for (const prefix of ['', '/out/for ü+%20']) {
  describe(`a bucket, prefix ${JSON.stringify(prefix)}`, () => {
    const open = async (): Promise<Specimen> => ({
      store: openHere(`s3://${await newBucket()}${prefix}`),
      async [Symbol.asyncDispose]() {},
    });
    describeStore(open, { keepsMetadata: true });
  });
}

describe('objects in a bucket', () => {
  it('carry their content type, and a copy what it is given', async () => {
    const bucket = await newBucket();
    const store = openHere(`s3://${bucket}/out`);
    await store.put('a', BODY, { ...MP3, metadata: { voice: 'Amy' } });
    const copy = (key: string, terms: Description): Promise<void> =>
      copyBetween({ store, key: 'a' }, { store, key }, terms);
    await copy('other', { contentType: 'audio/ogg', metadata: { take: '2' } });
    await copy('a', { contentType: 'audio/pcm' });
    expect(await described(bucket, 'out/other')).toEqual(['audio/ogg', { take: '2' }]);
    expect(await described(bucket, 'out/a')).toEqual(['audio/pcm', {}]);
  });

  it('are kept apart by prefix, one that begins like another too', async () => {
    const bucket = await newBucket();
    await openHere(`s3://${bucket}/out`).put('a', BODY, MP3);
    await openHere(`s3://${bucket}/out2/`).put('b', BODY, MP3);
    const keys = async (uri: string): Promise<string[]> =>
      (await Array.fromAsync(openHere(uri).list(''))).map(({ key }) => key);
    expect(await keys(`s3://${bucket}/out`)).toEqual(['a']);
    expect(await keys(`s3://${bucket}`)).toEqual(['out/a', 'out2/b']);
    expect(openHere(`s3://${bucket}/out2/`).locate('b')).toBe(`s3://${bucket}/out2/b`);
  });

  it('are copied into another prefix or bucket by S3 itself, and read only where it knows no SHA-256', async () => {
    const sent: string[] = [];
    await using front = await answering((request, response) => {
      sent.push(`${request.method} ${request.url?.split('?')[0]}`);
      forward(request, response);
    });
    const [bucket, other] = [await newBucket(), await newBucket()];
    const [kept, out] = [`s3://${bucket}/kept`, `s3://${other}/out`].map((uri) =>
      openHere(uri, front.endpoint),
    );
    if (!kept || !out) throw new Error('two stores were opened');
    await kept.put('a', BODY, MP3);
    const client = new S3Client(server.s3ClientConfig);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'kept/foreign', Body: BODY }));
    client.destroy();
    const digest = createHash('sha256').update(BODY).digest('hex');
    const copy = async (key: string): Promise<string[]> => {
      sent.length = 0;
      await copyBetween({ store: kept, key }, { store: out, key }, { ...MP3, sha256: digest });
      return [...sent];
    };
    const looked = (key: string) => `HEAD /${bucket}/kept/${key}`;
    const copied = (key: string) => `PUT /${other}/out/${key}`;
    expect(await copy('a')).toEqual([looked('a'), copied('a')]);
    expect(await copy('foreign')).toEqual([
      looked('foreign'),
      `GET /${bucket}/kept/foreign`,
      copied('foreign'),
    ]);
    expect(await copy('foreign')).toEqual([looked('foreign'), copied('foreign')]);
    expect(await described(other, 'out/a')).toEqual(['audio/mpeg', {}]);
  });

  it('under names that are no keys are passed over by a list, which tells of them', async () => {
    const bucket = await newBucket();
    const client = new S3Client(server.s3ClientConfig);
    for (const key of ['a//b.yml', 'c.yml', ' d.yml']) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `in/${key}`, Body: BODY }));
    }
    client.destroy();
    const passedOver: string[] = [];
    const list = openHere(`s3://${bucket}/in`).list('', (name) => passedOver.push(name));
    expect((await Array.fromAsync(list)).map(({ key }) => key)).toEqual(['c.yml']);
    expect(passedOver).toEqual([' d.yml', 'a//b.yml']);
  });

  it('are refused when prefix and key together grow longer than S3 allows', async () => {
    const store = openHere(`s3://${await newBucket()}/${'p'.repeat(200)}`);
    const key = Array.from({ length: 5 }, () => 'k'.repeat(200)).join('/');
    await expect(store.put(key, BODY, MP3)).rejects.toMatchObject({ code: 'invalid-key' });
  });

  async function described(bucket: string, key: string): Promise<[string | undefined, unknown]> {
    const client = new S3Client(server.s3ClientConfig);
    const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    client.destroy();
    return [answer.ContentType, answer.Metadata];
  }
});

describe('a check', () => {
  it('asked for again and again writes once, and goes on looking', async () => {
    const sent: string[] = [];
    await using front = await answering((request, response) => {
      sent.push(request.method ?? '');
      forward(request, response);
    });
    const store = openHere(`s3://${await newBucket()}`, front.endpoint);
    for (let round = 0; round < 3; round += 1) await store.check();
    expect(sent).toEqual(['HEAD', 'PUT', 'GET', 'DELETE', 'HEAD', 'HEAD']);
  });
});

describe('a store that is not there', () => {
  it('is named with what to do when the bucket is missing', async () => {
    const store = openHere('s3://nobody-made-this');
    const missing = {
      code: 'unavailable',
      retryable: true,
      remedy: expect.stringContaining('Create the bucket'),
    };
    await expect(store.check()).rejects.toMatchObject(missing);
    await expect(store.get('a')).rejects.toMatchObject(missing);
    await expect(store.put('a', BODY, MP3)).rejects.toMatchObject(missing);
    await expect(Array.fromAsync(store.list(''))).rejects.toMatchObject(missing);
  });

  it('is worth another try when nothing listens', async () => {
    const closed = await answering(() => undefined);
    await closed[Symbol.asyncDispose]();
    const store = openHere('s3://bucket', closed.endpoint);
    const down = { code: 'unavailable', retryable: true, message: expect.stringContaining('s3://bucket/a') };
    await expect(store.get('a')).rejects.toMatchObject(down);
    await expect(store.put('a', BODY, MP3)).rejects.toMatchObject(down);
    await expect(store.head('a')).rejects.toMatchObject(down);
  });
});

describe('an answer of S3', () => {
  it.each([
    [403, 'AccessDenied', 'denied', /s3:GetObject/],
    [403, 'SignatureDoesNotMatch', 'denied', /AWS_ACCESS_KEY_ID/],
    [400, 'ExpiredToken', 'denied', /Renew the credentials/],
    [403, 'RequestTimeTooSkewed', 'denied', /clock/],
    [503, 'SlowDown', 'unavailable', /may then succeed/],
    [500, 'InternalError', 'unavailable', /may then succeed/],
    [507, 'XMinioStorageFull', 'full', /space/],
    [400, 'SomethingNew', 'unknown', /setlist doctor/],
  ])('%i %s means %s', async (status, name, code, remedy) => {
    await using refusing = await answering((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${name}</Code><Message>Refused for the test</Message></Error>`);
    });
    const store = openHere('s3://bucket', refusing.endpoint);
    const expected = { code, message: 'Cannot read s3://bucket/a: Refused for the test' };
    const error: unknown = await store.get('a').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(expected);
    expect(error).toMatchObject({ remedy: expect.stringMatching(remedy) });
  });

  it('to HEAD has no body: denied is not absent', async () => {
    await using refusing = await answering((_request, response) => response.writeHead(403).end());
    const store = openHere('s3://bucket', refusing.endpoint);
    const denied = { code: 'denied', message: 'Cannot look up s3://bucket/a: the answer was HTTP 403.' };
    await expect(store.head('a')).rejects.toMatchObject(denied);
    await expect(store.check()).rejects.toMatchObject({ remedy: expect.stringContaining('s3:ListBucket') });
  });

  it('that breaks off is an error, not a short object', async () => {
    await using cutting = await answering((_request, response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('only this', () => response.destroy());
    });
    const cut = openHere('s3://bucket', cutting.endpoint).get('a');
    await expect(cut).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it.each([
    ['body', 'arrives'],
    ['bodx', 'is found out by its checksum'],
  ])('with the checksum of "body" and the content %j %s', async (content) => {
    await using sending = await answering((_request, response) => {
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32('body'));
      response.writeHead(200, { 'content-length': 4, 'x-amz-checksum-crc32': checksum.toString('base64') });
      response.end(content);
    });
    const got = openHere('s3://bucket', sending.endpoint).get('a');
    if (content === 'body') expect(Buffer.from(await got).toString()).toBe('body');
    else await expect(got).rejects.toMatchObject({ code: 'unavailable', message: /checksum/i });
  });
});

describe('many calls at once', () => {
  it('use kept-alive connections again', async () => {
    let connections = 0;
    await using counting = await answering((_request, response) => {
      response.writeHead(200, { 'content-length': 4 });
      response.end('body');
    });
    counting.onConnection(() => {
      connections += 1;
    });
    const store = openHere('s3://bucket', counting.endpoint);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 80 }, () => store.get('a')));
    }
    expect(connections).toBe(80);
  });
});

/** Passes a request on to the real server. */
function forward(request: IncomingMessage, response: ServerResponse): void {
  const { hostname, port } = new URL(server.endpoint);
  const { method, url, headers } = request;
  const onward = send({ hostname, port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(onward);
}

interface Answering extends AsyncDisposable {
  readonly endpoint: string;
  onConnection(listener: () => void): void;
}

/** An HTTP server that gives the answers a healthy store never gives. */
async function answering(listener: RequestListener): Promise<Answering> {
  const http = createServer(listener);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    onConnection: (listen) => http.on('connection', listen),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
