/** Connections of badly behaved clients, at the level of bytes. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it, vi } from 'vitest';
import { startEngine, type TestEngine } from './engine.ts';

afterEach(() => {
  vi.useRealTimers();
});

async function connected(engine: TestEngine): Promise<Socket> {
  const socket = connect(Number(new URL(engine.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Sends a request's headers without its body; they have arrived when it returns. */
async function halfSent(engine: TestEngine): Promise<Socket> {
  const socket = await connected(engine);
  const headers = ['host: localhost', 'content-length: 100', 'expect: 100-continue'];
  socket.write(`POST /v1/speech HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

it('answers a path of blank segments like any other path that Polly lacks', async () => {
  await using engine = await startEngine({ ENGINE: 'instant' });
  for (const path of ['//', '//v1/voices', '/\\']) {
    const socket = await connected(engine);
    socket.end(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    expect(await text(socket)).toContain('404 Not Found');
  }
});

it('refuses a body that is too large, and closes the connection that is still sending it', async () => {
  await using engine = await startEngine({ ENGINE: 'instant' });
  const socket = await connected(engine);
  const closed = once(socket, 'close');
  socket.on('error', () => undefined);
  let told = '';
  socket.on('data', (chunk) => (told += chunk));
  const bytes = 5 * 1024 * 1024;
  socket.write(`POST /v1/speech HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${bytes}\r\n\r\n`);
  // All but the last byte: the engine would wait for it.
  socket.write(Buffer.alloc(bytes - 1, ' '));
  await closed;
  expect(told).toMatch(/^HTTP\/1.1 413 [\s\S]*^connection: close\r$/im);
});

it('answers no web page, whatever it asks for', async () => {
  await using engine = await startEngine({ ENGINE: 'instant' });
  const ask = (headers: Record<string, string>, path = '/v1/speech') =>
    fetch(`${engine.url}${path}`, { method: 'POST', headers, body: '{}' });
  expect((await ask({})).status).toBe(400);
  expect((await ask({ origin: 'https://example.com', 'content-type': 'text/plain' })).status).toBe(403);
  expect((await ask({ origin: 'https://example.com' }, '/_local/stats')).status).toBe(403);
  const session = connectHttp2(engine.url);
  const stream = session.request({ ':path': '/v1/voices', ':authority': 'example.com' });
  const [headers] = await once(stream, 'response');
  expect(headers).toMatchObject({ ':status': 403 });
  session.destroy();
});

it('gives up on a request whose body does not arrive', async () => {
  await using engine = await startEngine({ ENGINE: 'instant' });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const socket = await halfSent(engine);
  const session = connectHttp2(engine.url);
  const stream = session.request({ ':method': 'POST', ':path': '/v1/speech' });
  stream.on('error', () => undefined);
  // Both have arrived once the engine runs a timer for each.
  while (vi.getTimerCount() < 2) await new Promise((resolve) => setImmediate(resolve));
  const closed = [once(socket, 'close'), new Promise((resolve) => stream.once('close', resolve))];
  vi.advanceTimersByTime(60_000);
  await Promise.all(closed);
  session.destroy();
});

it('stops without waiting for the rest of a request', async () => {
  const engine = await startEngine({ ENGINE: 'instant' });
  const socket = await halfSent(engine);
  const closed = once(socket, 'close');
  await engine[Symbol.asyncDispose]();
  await closed;
});
