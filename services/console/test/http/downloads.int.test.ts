/** Downloads that are started and then not read. */
import { once } from 'node:events';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { eventually } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { MOST_DOWNLOADS } from '../../src/http/downloads.ts';
import { SetOf, seen, sha256Of, startWorld, type World } from '../world.ts';

/** More than the connection's buffers hold. */
const LARGE_BYTES = 40_000_000;

let world: World;
let set: SetOf;
let api: string;
const open: IncomingMessage[] = [];
beforeAll(async () => {
  world = await startWorld();
  const zeros = sha256Of('\0'.repeat(LARGE_BYTES));
  set = await new SetOf(world, 'large', 1).accept();
  await set.complete(0, zeros);
  await mkdir(join(world.folder, 'large'));
  const file = join(world.folder, 'large/item-0.mp3');
  await writeFile(file, '');
  await truncate(file, LARGE_BYTES);
  api = `${world.url}/api/v1/sets/${set.id}`;
  await seen<{ state?: string }>(api, ({ state }) => state === 'completed');
});
afterEach(() => {
  for (const answer of open.splice(0)) answer.destroy();
});
afterAll(async () => world?.[Symbol.asyncDispose]());

/** Sends a request, and doesn't read the answer. */
async function begun(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const asking = get(url, { agent: false, headers });
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  open.push(answer);
  return answer;
}

const linkOf = async (): Promise<string> => {
  const answer = await fetch(`${api}/items/0/audio-link`, { method: 'POST' });
  const { url } = (await answer.json()) as { url: string };
  return `${world.url}${url}`;
};

it('limits the downloads of one caller; the next is served when one of them has ended', async () => {
  for (let zips = 0; zips < MOST_DOWNLOADS; zips++)
    expect((await begun(`${api}/audio.zip`)).statusCode).toBe(200);
  for (const path of ['/audio.zip', '/manifest.json', '/timeline']) {
    const refused = await fetch(`${api}${path}`);
    expect([refused.status, JSON.parse(await refused.text()).code]).toEqual([429, 'too-many-downloads']);
  }
  open.pop()?.destroy();
  await eventually(async () => (await begun(`${api}/audio.zip`)).statusCode === 200);
});

it('large audio that is not read is not held in memory', async () => {
  const url = await linkOf();
  const before = process.memoryUsage().arrayBuffers;
  for (let asked = 0; asked < 10; asked++) {
    const { statusCode, headers } = await begun(url);
    expect([statusCode, headers['content-length']]).toEqual([200, String(LARGE_BYTES)]);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * LARGE_BYTES);
});

it('serves audio whole, in part, or as its size only', async () => {
  const url = await linkOf();
  const part = await fetch(url, { headers: { range: 'bytes=39999990-' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 39999990-39999999/40000000']);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(Buffer.alloc(10));
  const outside = await fetch(url, { headers: { range: 'bytes=40000000-' } });
  expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */40000000']);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '40000000']);
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(LARGE_BYTES);
});
