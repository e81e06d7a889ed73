/** The S3 store on a server that speaks S3: the common guarantees, then its own. */
import { hash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type S3Server, startS3 } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { copyBetween, type Description, type ObjectStore, openStore } from '../src/index.ts';
import { answering } from './answering.ts';
import { describeStore } from './conformance.ts';
import { describeLists, describeNames } from './conformance-keys.ts';
import { MP3, type Specimen } from './specimen.ts';

const BODY = Buffer.from('body');

let server: S3Server;
let buckets = 0;

beforeAll(async () => {
  server = await startS3();
  // The store takes its credentials from the environment, as in production.
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL', '');
});

afterAll(() => server[Symbol.asyncDispose]());

async function newBucket(): Promise<string> {
  buckets += 1;
  const name = `bucket-${buckets}`;
  await server.createBucket(name);
  return name;
}

function openHere(uri: string, endpoint = server.endpoint): ObjectStore {
  return openStore(uri, { endpoint, region: server.region, forcePathStyle: true });
}

const opened = (prefix: string) => async (): Promise<Specimen> => ({
  store: openHere(`s3://${await newBucket()}${prefix}`),
  async [Symbol.asyncDispose]() {},
});

describe('a bucket, with a prefix', () => describeStore(opened('/out/for ü+%20'), { keepsMetadata: true }));

describe('a bucket, without a prefix', () => {
  describe('names', () => describeNames(opened('')));
  describe('lists', () => describeLists(opened('')));
});

describe('objects in a bucket', () => {
  it('have the content type that they were put or copied with', async () => {
    const bucket = await newBucket();
    const store = openHere(`s3://${bucket}/out`);
    await store.put('a', BODY, { ...MP3, metadata: { voice: 'Amy' } });
    const copy = (key: string, terms: Description): Promise<void> =>
      copyBetween({ store, key: 'a' }, { store, key }, { ...terms, sha256: hash('sha256', BODY) });
    await copy('other', { contentType: 'audio/ogg', metadata: { take: '2' } });
    await copy('a', { contentType: 'audio/pcm' });
    expect(await described(bucket, 'out/other')).toEqual(['audio/ogg', { take: '2' }]);
    expect(await described(bucket, 'out/a')).toEqual(['audio/pcm', {}]);
  });

  it('are kept apart by prefix, even if one prefix begins with another', async () => {
    const bucket = await newBucket();
    await openHere(`s3://${bucket}/out`).put('a', BODY, MP3);
    await openHere(`s3://${bucket}/out2/`).put('b', BODY, MP3);
    const keys = async (uri: string): Promise<string[]> =>
      (await Array.fromAsync(openHere(uri).list(''))).map(({ key }) => key);
    expect(await keys(`s3://${bucket}/out`)).toEqual(['a']);
    expect(await keys(`s3://${bucket}`)).toEqual(['out/a', 'out2/b']);
    expect(openHere(`s3://${bucket}/out2/`).locate('b')).toBe(`s3://${bucket}/out2/b`);
  });

  it('are copied into another prefix or bucket by S3 itself, and read only if it does not know their SHA-256', async () => {
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
    const digest = hash('sha256', BODY);
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

  it('are read again to be copied once they were replaced, so that other bytes are never copied', async () => {
    const bucket = await newBucket();
    const store = openHere(`s3://${bucket}`);
    const client = new S3Client(server.s3ClientConfig);
    const put = (Body: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key: 'foreign', Body }));
    const terms = { ...MP3, sha256: hash('sha256', BODY) };
    const copy = () => copyBetween({ store, key: 'foreign' }, { store, key: 'copy' }, terms);
    await put('body');
    await copy();
    await put('edit');
    await expect(copy()).rejects.toMatchObject({ code: 'damaged' });
    client.destroy();
  });

  it('under names that are not keys are skipped by a list, which reports them', async () => {
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

  it('are refused if prefix and key together are longer than S3 allows', async () => {
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
  it('that is repeated writes only once, and keeps looking', async () => {
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

describe('a store that does not exist', () => {
  it('is reported with what to do if the bucket is missing', async () => {
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

  it('is retryable if nothing listens', async () => {
    const closed = await answering(() => undefined);
    await closed[Symbol.asyncDispose]();
    const store = openHere('s3://bucket', closed.endpoint);
    const down = { code: 'unavailable', retryable: true, message: expect.stringContaining('s3://bucket/a') };
    await expect(store.get('a')).rejects.toMatchObject(down);
    await expect(store.put('a', BODY, MP3)).rejects.toMatchObject(down);
    await expect(store.head('a')).rejects.toMatchObject(down);
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
