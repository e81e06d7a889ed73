/** Audio in S3: the link is S3's own, unless only some networks are allowed. */
import { openStore } from '@setlist/storage';
import { type S3Server, startS3 } from '@setlist/testkit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { SetOf, seen, startWorld, type World } from '../world.ts';

let s3: S3Server;
let reached: Record<string, string>;
beforeAll(async () => {
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
  reached = { S3_ENDPOINT: s3.endpoint, S3_REGION: s3.region, S3_FORCE_PATH_STYLE: 'true' };
  await s3.createBucket('audio');
});
afterAll(() => s3?.[Symbol.asyncDispose]());

async function linkIn(
  world: World,
  query = '',
): Promise<{ url: string; expiresAt: string; contentType: string }> {
  const set = new SetOf(world, 'in-s3', 1);
  set.output = 's3://audio/out';
  const store = openStore(set.output, { endpoint: s3.endpoint, region: s3.region, forcePathStyle: true });
  await store.put('in-s3/item-0.mp3', Buffer.from('ID3!'), { contentType: 'audio/mpeg' });
  await set.accept();
  await set.complete(0);
  // Waits for the row, which is written after the summary.
  await seen<{ items?: { state: string }[] }>(
    `${world.url}/api/v1/sets/${set.id}/items`,
    ({ items }) => items?.[0]?.state === 'completed',
  );
  const link = await fetch(`${world.url}/api/v1/sets/${set.id}/items/0/audio-link${query}`, {
    method: 'POST',
  });
  return JSON.parse(await link.text());
}

it('is signed by S3 for that object and the lifetime of links, and opens it', async () => {
  await using world = await startWorld({ ...reached, AUDIO_LINK_TTL: '90s' });
  const { url } = await linkIn(world);
  const { origin, pathname, searchParams } = new URL(url);
  expect([origin, pathname]).toEqual([s3.endpoint, '/audio/out/in-s3/item-0.mp3']);
  expect(searchParams.get('X-Amz-Expires')).toBe('90');
  expect(searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  expect(Buffer.from(await (await fetch(url)).arrayBuffer()).toString()).toBe('ID3!');
  const through = await linkIn(world, '?through=console');
  expect(Buffer.from(await (await fetch(`${world.url}${through.url}`)).arrayBuffer()).toString()).toBe(
    'ID3!',
  );
  const { headers } = await fetch(`${world.url}/`);
  expect(headers.get('content-security-policy')).toContain(s3.endpoint);
});

it('says that it expires with the credentials that signed it, if that is earlier', async () => {
  const inAMinute = new Date(Date.now() + 60_000).toISOString();
  vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', inAMinute);
  await using world = await startWorld({ ...reached, AUDIO_LINK_TTL: '1h' });
  expect(await linkIn(world)).toMatchObject({ expiresAt: inAMinute });
  vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', undefined);
});

it('is the console’s own if only some networks are allowed, since S3 can’t enforce that', async () => {
  await using world = await startWorld({ ...reached, AUDIO_NETWORKS: '127.0.0.0/8' });
  const { url } = await linkIn(world);
  expect(url).toMatch(/^\/api\/v1\/audio\//);
  expect(Buffer.from(await (await fetch(`${world.url}${url}`)).arrayBuffer()).toString()).toBe('ID3!');
});

it('is refused while the store is away, without the store’s address', async () => {
  await using world = await startWorld({ ...reached, S3_ENDPOINT: 'http://127.0.0.1:1' });
  const { url } = await linkIn(world, '?through=console');
  const answer = await fetch(`${world.url}${url}`);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  const said = await answer.json();
  expect(said).toMatchObject({ code: 'store-unavailable', remedy: expect.stringContaining('log') });
  expect(JSON.stringify(said)).not.toMatch(/s3:|127\.0\.0\.1/);
});
