/** How the S3 store takes answers that a healthy S3 never gives. */
import type { ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ObjectStore, openStore } from '../src/index.ts';
import { answering } from './answering.ts';
import { copyWithin, MP3 } from './specimen.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => void vi.unstubAllEnvs());

const openHere = (uri: string, endpoint: string): ObjectStore =>
  openStore(uri, { endpoint, region: 'eu-central-1', forcePathStyle: true });

describe('an answer of S3', () => {
  it.each([
    [403, 'AccessDenied', 'denied', /s3:GetObject/],
    [403, 'SignatureDoesNotMatch', 'denied', /AWS_ACCESS_KEY_ID/],
    [400, 'ExpiredToken', 'denied', /Renew the credentials/],
    [403, 'RequestTimeTooSkewed', 'denied', /clock/],
    [403, 'InvalidObjectState', 'denied', /restore it.*lifecycle rule/],
    [403, 'ObjectNotInActiveTierError', 'denied', /restore it/],
    [501, 'NotImplemented', 'denied', /S3_TAGS/],
    [400, 'NotImplemented', 'denied', /S3_TAGS/],
    [503, 'SlowDown', 'unavailable', /may then succeed/],
    [500, 'InternalError', 'unavailable', /may then succeed/],
    [404, 'NoSuchKey', 'not-found', /removed/],
    [404, 'NoSuchBucket', 'unavailable', /Create the bucket/],
    [404, 'NoSuchAccessPoint', 'unavailable', /endpoint/],
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

  it.each([
    [403, /s3:ListBucket/],
    [400, /Renew the credentials.*S3_REGION/],
  ])('%i to HEAD, which has no body, means denied and not missing', async (status, remedy) => {
    await using refusing = await answering((_request, response) => response.writeHead(status).end());
    const store = openHere('s3://bucket', refusing.endpoint);
    const message = `Cannot look up s3://bucket/a: the answer was HTTP ${status}.`;
    await expect(store.head('a')).rejects.toMatchObject({ code: 'denied', message });
    await expect(store.check()).rejects.toMatchObject({ remedy: expect.stringMatching(remedy) });
  });

  it.each(['404 page not found\n', '<html><body>Nothing here</body></html>', ''])(
    '404 that is not from S3, %j, does not mean that an object is missing',
    async (page) => {
      await using elsewhere = await answering((_request, response) => response.writeHead(404).end(page));
      const store = openHere('s3://bucket', elsewhere.endpoint);
      const away = { code: 'unavailable', remedy: expect.stringContaining('S3_FORCE_PATH_STYLE') };
      await expect(store.get('a')).rejects.toMatchObject(away);
      await expect(store.put('a', Buffer.from('a'), MP3)).rejects.toMatchObject(away);
      await expect(copyWithin(store, 'a', 'b', 'a')).rejects.toMatchObject(away);
    },
  );

  it.each(['', '<Error><Code>NotImplemented</Code><Message>No such header</Message></Error>'])(
    '501, %j, to a tagged object names the settings to leave out',
    async (body) => {
      await using untagged = await answering((request, response) => {
        const isTagged = 'x-amz-tagging' in request.headers;
        const status = request.method === 'HEAD' ? 404 : isTagged ? 501 : 200;
        response.writeHead(status).end(status === 501 ? body : '');
      });
      const access = { endpoint: untagged.endpoint, region: 'eu-central-1', forcePathStyle: true };
      const store = openStore('s3://bucket', { ...access, tags: { team: 'audio' } });
      const refused = {
        code: 'denied',
        retryable: false,
        remedy: expect.stringMatching(/S3_TAGS.*S3_ENCRYPTION/),
      };
      for (const ifAbsent of [false, true]) {
        await expect(store.put('a', Buffer.from('a'), { ...MP3, ifAbsent })).rejects.toMatchObject(refused);
      }
      await expect(store.check()).rejects.toMatchObject(refused);
      const plain = openStore('s3://bucket', access);
      await expect(plain.put('a', Buffer.from('a'), MP3)).resolves.toBe(true);
    },
  );

  it('NoSuchKey from the target of a copy does not mean that the source is missing', async () => {
    await using forgetful = await answering((request, response) => {
      if (request.method !== 'PUT') return void response.writeHead(200, { 'content-length': 4 }).end('body');
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end('<Error><Code>NoSuchKey</Code><Message>None of that name</Message></Error>');
    });
    const store = openHere('s3://bucket', forgetful.endpoint);
    const copied = copyWithin(store, 'a', 'b', 'body');
    await expect(copied).rejects.toMatchObject({ code: 'unavailable', message: /s3:\/\/bucket\/a exists/ });
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
    ['bodx', 'is refused because of its checksum'],
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

it('without credentials nothing is read and no address is signed', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', '');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  const store = openHere('s3://bucket/out', 'http://127.0.0.1:1');
  const lacking = {
    name: 'StoreError',
    code: 'denied',
    remedy: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  };
  await expect(store.get('a')).rejects.toMatchObject(lacking);
  const how = { seconds: 60, contentType: 'audio/mpeg', contentDisposition: 'inline' };
  await expect(store.presign('a', how)).rejects.toMatchObject({
    ...lacking,
    message: expect.stringMatching(/^Cannot sign an address of s3:\/\/bucket\/out\/a: /),
  });
});

it('an address is signed for the region of its bucket, and expires no later than the credentials', async () => {
  let asked = 0;
  await using aws = await answering((request, response) => {
    const isThere = request.headers.authorization?.includes('/eu-west-3/s3/');
    asked += 1;
    response.writeHead(isThere ? 200 : 301, { 'x-amz-bucket-region': 'eu-west-3' }).end();
  });
  vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
  const store = openStore('s3://bucket/out', { region: 'us-east-1', forcePathStyle: true });
  const how = { seconds: 3_600, contentType: 'audio/mpeg', contentDisposition: 'inline' };
  const before = Date.now();
  const signed = await store.presign('a', how);
  expect(new URL(signed?.url ?? '').searchParams.get('X-Amz-Credential')).toMatch(/\/eu-west-3\/s3\//);
  expect(signed?.expiresAt.getTime()).toBeGreaterThanOrEqual(before + 3_600_000);
  await store.presign('b', how);
  expect(asked).toBe(2);

  const inTenMinutes = new Date(Date.now() + 600_000).toISOString();
  vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', inTenMinutes);
  const temporary = openStore('s3://bucket/out', { region: 'eu-west-3', forcePathStyle: true });
  expect((await temporary.presign('a', how))?.expiresAt.toISOString()).toBe(inTenMinutes);
});

it.each([
  [403, { 'x-amz-bucket-region': 'eu-west-3' }, 'eu-west-3'],
  [403, {}, 'us-east-1'],
  [200, { 'x-amz-bucket-region': '' }, 'us-east-1'],
])(
  'an address is signed even if %i and %j is all that is said about its bucket',
  async (status, headers, region) => {
    await using aws = await answering((_request, response) => response.writeHead(status, headers).end());
    vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
    const store = openStore('s3://bucket/out', { region: 'us-east-1', forcePathStyle: true });
    const how = { seconds: 60, contentType: 'audio/mpeg', contentDisposition: 'inline' };
    const { url = '' } = (await store.presign('a', how)) ?? {};
    expect(new URL(url).searchParams.get('X-Amz-Credential')).toContain(`/${region}/s3/`);
  },
);

it.each(['AWS_USE_DUALSTACK_ENDPOINT', 'AWS_USE_FIPS_ENDPOINT'])(
  'a store with an address of its own is reached even if the environment has %s',
  async (name) => {
    vi.stubEnv(name, 'true');
    await using elsewhere = await answering((_request, response) => response.end('body'));
    const got = await openHere('s3://bucket', elsewhere.endpoint).get('a');
    expect(Buffer.from(got).toString()).toBe('body');
  },
);

describe('many calls at once', () => {
  it('reuse kept-alive connections', async () => {
    let connections = 0;
    const waiting: ServerResponse[] = [];
    await using counting = await answering((_request, response) => {
      if (waiting.push(response) < 80) return;
      for (const one of waiting.splice(0)) one.writeHead(200, { 'content-length': 4 }).end('body');
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
