/** The requests of the S3 store, sent to a server of this test that keeps promises of S3 which the emulator ignores. */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { copyBetween, type OpenStoreOptions, openStore } from '../src/index.ts';
import { MP3 } from './specimen.ts';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** The least of S3: objects exist or not, conditions hold, multipart uploads are completed or aborted. */
class ConditionalS3 implements AsyncDisposable {
  readonly requests: Request[] = [];
  readonly objects = new Set<string>();
  readonly uploads = new Set<string>();
  /** How many conditional writes to answer with 409 first, as S3 does when two cross. */
  conflicts = 0;
  /** The answer to every write that has a condition, for stores that refuse them. */
  refusesConditions: { status: number; code: string } | undefined;
  failParts = false;
  failUploads = false;
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(({ status, body = '' }) => {
      response.writeHead(status, { 'content-type': 'application/xml', etag: '"e1"' }).end(body);
    });
  });

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  store(options: OpenStoreOptions = {}, uri = 's3://audio/out') {
    const endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return openStore(uri, { endpoint, region: 'eu-central-1', forcePathStyle: true, ...options });
  }

  last(method: string): IncomingHttpHeaders {
    return this.requests.findLast((request) => request.method === method)?.headers ?? {};
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body?: string }> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'http://s3');
    const { method = '', headers } = request;
    request.resume();
    await once(request, 'end');
    this.requests.push({ method, path, query, headers });
    if (method === 'POST' && query.has('uploads')) {
      if (this.failUploads) return { status: 403 };
      this.uploads.add(path);
      const body = '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>';
      return { status: 200, body };
    }
    if (method === 'DELETE') this.uploads.delete(path);
    if (method === 'PUT' && query.has('partNumber')) return { status: this.failParts ? 400 : 200 };
    if (method === 'PUT' || method === 'POST') return this.#write(path, headers, method);
    if (this.objects.has(path)) return { status: 200, body: method === 'HEAD' ? '' : 'body' };
    return { status: method === 'DELETE' ? 204 : 404 };
  }

  #write(path: string, headers: IncomingHttpHeaders, method: string): { status: number; body?: string } {
    const isConditional = ['if-none-match', 'x-amz-copy-source-if-match'].some((name) => name in headers);
    if (isConditional && this.refusesConditions) {
      const { status, code } = this.refusesConditions;
      return { status, body: code && error(code) };
    }
    if (headers['if-none-match'] === '*') {
      if (this.conflicts-- > 0) return { status: 409, body: error('ConditionalRequestConflict') };
      if (this.objects.has(path)) return { status: 412, body: error('PreconditionFailed') };
    }
    this.objects.add(path);
    this.uploads.delete(path);
    if (headers['x-amz-copy-source']) return { status: 200, body: '<CopyObjectResult></CopyObjectResult>' };
    const done = '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>';
    return { status: 200, body: method === 'POST' ? done : '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const error = (code: string): string => `<Error><Code>${code}</Code><Message>For the test</Message></Error>`;
const large = async function* (): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < 20; piece++) yield new Uint8Array(1024 * 1024);
};
const BODY = Buffer.from('body');
const JSON_TYPE = { contentType: 'application/json' };

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});

describe('a conditional put', () => {
  it.each([
    ['in one request', () => BODY],
    ['in parts', large],
  ])('%s stores a missing object, and leaves an existing one', async (_, body) => {
    await using s3 = await new ConditionalS3().open();
    const store = s3.store();
    expect(await store.put('a.mp3', body(), { ...MP3, ifAbsent: true })).toBe(true);
    expect(await store.put('a.mp3', body(), { ...MP3, ifAbsent: true })).toBe(false);
    expect(await store.put('a.mp3', body(), MP3)).toBe(true);
    expect([...s3.uploads]).toEqual([]);
  });

  it.each([
    [501, '', 'in one request', () => BODY],
    [400, 'NotImplemented', 'in parts', large],
  ])('does the same by looking first, if the store answers %i %s, %s', async (status, code, _, body) => {
    await using s3 = await new ConditionalS3().open();
    s3.refusesConditions = { status, code };
    const store = s3.store();
    const put = (key: string): Promise<boolean> => store.put(key, body(), { ...MP3, ifAbsent: true });
    expect(await put('a.mp3')).toBe(true);
    expect(await put('a.mp3')).toBe(false);
    expect(await put('b.mp3')).toBe(true);
    expect([...s3.uploads]).toEqual([]);
    // Once refused, the condition is not sent again.
    expect(s3.requests.filter(({ headers }) => 'if-none-match' in headers)).toHaveLength(1);
  });

  it('that crosses another one can be repeated', async () => {
    await using s3 = await new ConditionalS3().open();
    const store = s3.store();
    s3.conflicts = 1;
    const put = (): Promise<boolean> => store.put('a.mp3', BODY, { ...MP3, ifAbsent: true });
    await expect(put()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(await put()).toBe(true);
  });
});

it('a copy of a known SHA-256 is read and put if the store refuses its condition', async () => {
  await using s3 = await new ConditionalS3().open();
  s3.refusesConditions = { status: 501, code: 'NotImplemented' };
  const store = s3.store();
  await store.put('a.mp3', BODY, MP3);
  const copy = (key: string): Promise<void> =>
    copyBetween({ store, key: 'a.mp3' }, { store, key }, { ...MP3, sha256: hash('sha256', BODY) });
  await copy('b.mp3');
  await copy('c.mp3');
  expect([...s3.objects]).toEqual(['a', 'b', 'c'].map((name) => `/audio/out/${name}.mp3`));
  expect(s3.requests.filter(({ headers }) => 'x-amz-copy-source' in headers)).toHaveLength(1);
});

describe('a body in parts', () => {
  it('is sent with a checksum for each part, and aborted if one fails', async () => {
    await using s3 = await new ConditionalS3().open();
    await s3.store().put('a.mp3', large(), MP3);
    const parts = s3.requests.filter(({ query }) => query.has('partNumber'));
    expect(parts.map(({ query }) => query.get('partNumber'))).toEqual(['1', '2', '3']);
    for (const { headers } of parts) expect(headers['x-amz-checksum-sha256']).toMatch(/^[\w+/]{43}=$/);
    s3.failParts = true;
    await expect(s3.store().put('b.mp3', large(), MP3)).rejects.toMatchObject({ name: 'StoreError' });
    expect([...s3.uploads]).toEqual([]);
    expect([...s3.objects]).toEqual(['/audio/out/a.mp3']);
  });

  it('is read no further once its upload has failed', async () => {
    await using s3 = await new ConditionalS3().open();
    let [opened, closed] = [0, 0];
    async function* file(): AsyncGenerator<Uint8Array> {
      opened++;
      try {
        for (;;) yield Buffer.alloc(1024 * 1024);
      } finally {
        closed++;
      }
    }
    const refused = { name: 'StoreError' };
    s3.failUploads = true;
    await expect(s3.store().put('c.mp3', file(), MP3)).rejects.toMatchObject(refused);
    s3.failUploads = false;
    s3.failParts = true;
    await expect(s3.store().put('c.mp3', file(), MP3)).rejects.toMatchObject(refused);
    expect([opened, closed]).toEqual([2, 2]);
  });
});

describe('every object', () => {
  const options = {
    audioCacheControl: 'public, max-age=31536000, immutable',
    tags: { project: 'Moby Dick', team: 'audio&co' },
    encryption: 'aws:kms',
    kmsKeyId: 'alias/setlist',
  } as const;
  const encrypted = {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'alias/setlist',
  };

  it('is tagged and encrypted as configured, and audio gets its Cache-Control', async () => {
    await using s3 = await new ConditionalS3().open();
    const store = s3.store(options);
    await store.put('a.mp3', BODY, { ...MP3, metadata: { set: 'moby', item: '3', hash: 'ab' } });
    expect(s3.last('PUT')).toMatchObject({
      ...encrypted,
      'content-type': 'audio/mpeg',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-amz-tagging': 'project=Moby+Dick&team=audio%26co',
      'x-amz-meta-set': 'moby',
      'x-amz-meta-item': '3',
      'x-amz-meta-hash': 'ab',
    });
    await store.put('a.mp3', large(), MP3);
    const begun = s3.requests.find(({ query }) => query.has('uploads'));
    expect(begun?.headers).toMatchObject({ ...encrypted, 'cache-control': options.audioCacheControl });
    await store.put('manifest.json', BODY, JSON_TYPE);
    expect(s3.last('PUT')).toMatchObject({ ...encrypted, 'x-amz-tagging': expect.any(String) });
    expect(s3.last('PUT')).not.toHaveProperty('cache-control');
  });

  it('is copied with headers of its own, also from another bucket', async () => {
    await using s3 = await new ConditionalS3().open();
    const [tasks, store] = [s3.store(options, 's3://tasks'), s3.store(options)];
    const source = { store: tasks, key: 'setlist/ab.123.mp3' };
    s3.objects.add('/tasks/setlist/ab.123.mp3');
    const terms = { ...MP3, sha256: hash('sha256', BODY), metadata: { hash: 'ab' } };
    await copyBetween(source, { store, key: 'audio/ab.mp3' }, terms);
    expect(s3.last('PUT')).toMatchObject({
      ...encrypted,
      'x-amz-copy-source': 'tasks/setlist/ab.123.mp3',
      'x-amz-metadata-directive': 'REPLACE',
      'x-amz-tagging-directive': 'REPLACE',
      'content-type': 'audio/mpeg',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-amz-meta-hash': 'ab',
    });
    expect(s3.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'PUT']);
  });

  it('is left to the defaults of the bucket if nothing is configured', async () => {
    await using s3 = await new ConditionalS3().open();
    await s3.store().put('a.mp3', BODY, MP3);
    const said = Object.keys(s3.last('PUT')).filter((name) => /encryption|tagging|cache|if-/.test(name));
    expect(said).toEqual([]);
  });
});
