/** How buckets are reached from a network that lets nothing out but by a proxy. */
import { type S3Server, startOutboundProxy, startS3 } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openStore } from '../src/index.ts';
import { MP3 } from './specimen.ts';

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
  await s3.createBucket('audio');
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => s3[Symbol.asyncDispose]());

const inEnvironment = (env: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries({ ...s3.env, AWS_ENDPOINT_URL: '', ...env }))
    vi.stubEnv(name, value);
};

/** Larger than the smallest body before which the SDK may ask the server to continue. */
const LARGE = new Uint8Array(3 * 1024 * 1024).fill(7);

it('all of it goes by the proxy, large objects too', async () => {
  await using proxy = await startOutboundProxy(s3.endpoint);
  inEnvironment(proxy.env);
  const store = openStore('s3://audio/out', { endpoint: 'http://s3.test', forcePathStyle: true });
  await store.put('a.mp3', LARGE, MP3);
  expect(Buffer.concat(await Array.fromAsync(store.read('a.mp3')))).toEqual(Buffer.from(LARGE));
  expect(proxy.asked).toEqual([
    expect.stringMatching(/^PUT http:\/\/s3\.test\/audio\/out\/a\.mp3/),
    expect.stringMatching(/^GET http:\/\/s3\.test\/audio\/out\/a\.mp3/),
  ]);
});

it('what NO_PROXY names is reached directly, and everything is unless Node is told to use the proxy', async () => {
  await using proxy = await startOutboundProxy(s3.endpoint);
  for (const [name, value] of [
    ['NO_PROXY', '127.0.0.1'],
    ['NODE_USE_ENV_PROXY', ''],
  ] as const) {
    inEnvironment({ ...proxy.env, [name]: value });
    const store = openStore('s3://audio/out', { endpoint: s3.endpoint, forcePathStyle: true });
    expect(await store.put(`${name}.mp3`, LARGE, MP3)).toBe(true);
  }
  expect(proxy.asked).toEqual([]);
});

it('a proxy that refuses is an outage: the same call may succeed later', async () => {
  await using proxy = await startOutboundProxy(s3.endpoint);
  inEnvironment(proxy.env);
  const put = openStore('s3://audio/out').put('a.mp3', LARGE, MP3);
  await expect(put).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  expect(proxy.asked).toEqual(['CONNECT audio.s3.eu-central-1.amazonaws.com:443']);
});
