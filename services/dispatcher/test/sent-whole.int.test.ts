/** Of the connections that are lost, those count as billed that were new and had sent their whole request. */
import { once } from 'node:events';
import { createServer, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { wasSentWhole } from '../src/adapters/sent-whole.ts';

async function listening(server: Server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => void (await once(server.close(), 'close'));
  return { port, [Symbol.asyncDispose]: close };
}

/** The error of a request that is not answered. */
async function failureOf(options: RequestOptions, send = httpRequest): Promise<NodeJS.ErrnoException> {
  const [error] = await once(send({ ...options, method: 'POST' }).end('Hello.'), 'error');
  return error;
}

test('a connection counts only if it was new, however its request is lost', async () => {
  let answers = 0;
  const server = createServer(async (request, reply) => {
    for await (const _ of request);
    if (answers-- > 0) reply.end('Good day.');
    else if (request.url === '/hang-up') request.socket.destroy();
    else request.socket.resetAndDestroy();
  });
  await using here = await listening(server);
  const agent = new HttpAgent({ keepAlive: true });
  const options = { port: here.port, agent };
  for (const path of ['/reset', '/hang-up']) {
    const first = await failureOf({ ...options, path });
    expect([path, first.code, wasSentWhole(first)]).toEqual([path, 'ECONNRESET', true]);
    answers = 1;
    const [reply] = await once(httpRequest(options).end(), 'response');
    reply.resume();
    await once(agent, 'free');
    const second = await failureOf({ ...options, path });
    expect([path, second.code, wasSentWhole(second)]).toEqual([path, 'ECONNRESET', false]);
  }
});

test('a connection that is refused, or ends before its keys are agreed, does not count', async () => {
  const hangsUp = createTcpServer((socket) => socket.once('data', () => socket.destroy()));
  const resets = createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  for (const server of [hangsUp, resets]) {
    await using here = await listening(server);
    const failure = await failureOf({ port: here.port, host: '127.0.0.1' }, httpsRequest);
    expect([failure.code, wasSentWhole(failure)]).toEqual(['ECONNRESET', false]);
  }
  const { port, ...gone } = await listening(createTcpServer());
  await gone[Symbol.asyncDispose]();
  const refused = await failureOf({ port, host: '127.0.0.1' });
  expect([refused.code, wasSentWhole(refused)]).toEqual(['ECONNREFUSED', false]);
});
