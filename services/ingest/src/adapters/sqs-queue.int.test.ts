/** How a queue is reached, and what becomes of one whose server goes silent, at a real server. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@setlist/runtime';
import { eventually, startOutboundProxy } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchQueue } from '../watch/watch-queue.ts';
import { sqsQueue } from './sqs-queue.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => void vi.unstubAllEnvs());

const silences: [string, RequestListener][] = [
  ['never answers', () => undefined],
  ['breaks off in the middle of an answer', (_, response) => void response.writeHead(200).write('{')],
];

test.each(silences)('a server that %s is logged once, and asked again', async (_, answer) => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const logged: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const stop = new AbortController();
  const ended = watchQueue({
    queue: sqsQueue(`http://127.0.0.1:${port}/1/sets`, 'eu-central-1', 200),
    inboxes: [],
    troubles: new Map(),
    logger: createLogger({ service: 'ingest', level: 'debug', pretty: false, destination }),
    signal: stop.signal,
  });
  try {
    await eventually(() => asked >= 2);
    expect(logged.map(({ event }) => event)).toEqual(['queue-waits']);
  } finally {
    stop.abort();
    await ended;
    server.closeAllConnections();
    server.close();
  }
});

test('a queue is asked by the proxy of the environment', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using proxy = await startOutboundProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const [name, value] of Object.entries(proxy.env)) vi.stubEnv(name, value);
  const queue = sqsQueue('http://sqs.test/1/sets', 'eu-central-1');
  try {
    expect(await queue.receive(new AbortController().signal)).toEqual([]);
    expect(proxy.asked).toEqual(['POST http://sqs.test/']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
