/** Previews of lines before they are submitted: only the real local engine is ever asked to speak. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually, type LocalEngine, startLocalEngine } from '@setlist/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

const FILE = `set:
  name: heard
items:
  - text: Good morning.
    voice-id: Joanna
  - text: >
      Good evening,
      everybody.
  - text: ${'Far too long. '.repeat(120)}
`;

let engine: LocalEngine;
let world: World;

beforeAll(async () => {
  engine = await startLocalEngine({ WORKERS: '1' });
  world = await startWorld({ PROVIDER: 'polly', POLLY_LOCAL_URL: engine.url });
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

/** A console whose engine answers by `listener`. */
async function startWorldWith(listener: RequestListener): Promise<Pick<World, 'url'> & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const server = createServer(listener).listen(0, '127.0.0.1');
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { url } = stack.use(await startWorld({ POLLY_LOCAL_URL: `http://127.0.0.1:${port}` }));
  const held = stack.move();
  return { url, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

interface Heard {
  readonly url?: string;
  readonly text?: string;
  readonly signal?: AbortSignal;
}

const hear = (line: number, { url = world.url, text = FILE, signal }: Heard = {}) =>
  fetch(`${url}/api/v1/preview?fileName=heard.yml&line=${line}`, {
    method: 'POST',
    headers: { 'content-type': 'application/yaml' },
    body: text,
    ...(signal && { signal }),
  });
const codeOf = async (answer: Response) => [answer.status, JSON.parse(await answer.text()).code];

it('is the line’s item as mp3', async () => {
  for (const line of [4, 5, 7]) {
    const answer = await hear(line);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    const audio = Buffer.from(await answer.arrayBuffer());
    expect(audio.length).toBeGreaterThan(2_000);
    expect(audio.subarray(0, 3).toString('latin1') === 'ID3' || audio[0] === 0xff).toBe(true);
  }
  expect((await hear(3)).status).toBe(204);
});

it('is limited to a minute or two', async () => {
  expect(await codeOf(await hear(9))).toEqual([422, 'line-too-long']);
});

it('is refused for an invalid file', async () => {
  expect(await codeOf(await hear(4, { text: `${FILE}  - txt: x\n` }))).toEqual([422, 'set-file-refused']);
});

it('is requested without a signature, so that the real Polly would refuse it, and at no other address', async () => {
  const asked: IncomingHttpHeaders[] = [];
  await using other = await startWorldWith((request, response) => {
    asked.push(request.headers);
    response.writeHead(307, { location: engine.url }).end();
  });
  expect(await codeOf(await hear(4, { url: other.url }))).toEqual([503, 'no-local-engine']);
  expect(asked).toHaveLength(1);
  expect(Object.keys(asked[0] ?? {}).filter((name) => /auth|amz/.test(name))).toEqual([]);
});

it('says what the engine says of a line that it refuses, or that it does not say why', async () => {
  const bodies = ['{"message":"Invalid SSML request"}', '{}', 'null', 'no JSON'];
  await using refusing = await startWorldWith((_, response) => response.writeHead(400).end(bodies.shift()));
  const details: unknown[] = [];
  while (bodies.length > 0) {
    const answer = await hear(4, { url: refusing.url });
    details.push(JSON.parse(await answer.text()).detail);
  }
  const [said, ...unsaid] = details;
  expect(said).toBe('the local engine refused this line: Invalid SSML request');
  expect(new Set(unsaid)).toEqual(new Set(['the local engine refused this line: it does not say why']));
});

it('doesn’t block checks of other files while it is spoken, and is abandoned when its caller leaves', async () => {
  const spoken = new Set<IncomingMessage>();
  await using slow = await startWorldWith((request) => {
    spoken.add(request);
    request.socket.once('close', () => spoken.delete(request));
  });
  const leaving = new AbortController();
  const { signal } = leaving;
  const heard = Array.from({ length: 3 }, () => hear(4, { url: slow.url, signal }).catch(() => 'left'));
  await eventually(() => spoken.size === 2);
  const body = FILE.split('  - text: Far')[0] ?? '';
  const check = { method: 'POST', body, signal: AbortSignal.timeout(10_000) };
  expect((await fetch(`${slow.url}/api/v1/validate?fileName=heard.yml`, check)).status).toBe(200);
  leaving.abort();
  expect(await Promise.all(heard)).toEqual(['left', 'left', 'left']);
  await eventually(() => spoken.size === 0);
});

it('needs the engine, and says so if there is none', async () => {
  await using without = await startWorld();
  expect(await codeOf(await hear(4, { url: without.url }))).toEqual([503, 'no-local-engine']);
});
