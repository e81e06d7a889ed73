/** Of the calls whose connection is lost, those count as billed that were sent whole and had waited for their answer. */
import { once } from 'node:events';
import { createServer, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { startOutboundProxy } from '@setlist/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { measuredCall } from '../../src/adapters/measured-call.ts';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { wasSentWhole } from '../../src/adapters/sent-whole.ts';
import { sound } from '../world/sets.ts';
import { startStandIn } from '../world/sns-stand-in.ts';

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

test('a connection that is lost counts from two seconds after the call began, whether it was new or not', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = createServer(async (request, reply) => {
    for await (const _ of request);
    const [, fate, afterMs] = request.url?.split('/') ?? [];
    vi.advanceTimersByTime(Number(afterMs));
    if (fate === 'answer') reply.end('Good day.');
    else if (fate === 'hang-up') request.socket.destroy();
    else request.socket.resetAndDestroy();
  });
  await using here = await listening(server);
  const agent = new HttpAgent({ keepAlive: true });
  const options = { port: here.port, agent };
  const method = 'SynthesizeSpeech';
  const call = { provider: 'local', method, timeoutMs: 60_000, mayBeBilled: true } as const;
  const lost = async (path: string): Promise<never> => {
    throw await failureOf({ ...options, path });
  };
  for (const fate of ['reset', 'hang-up'])
    for (const isNew of [true, false])
      for (const afterMs of [1_999, 2_000]) {
        if (!isNew) {
          const [reply] = await once(httpRequest({ ...options, path: '/answer/0' }).end(), 'response');
          reply.resume();
          await once(agent, 'free');
        }
        const failed = await measuredCall(call, () => lost(`/${fate}/${afterMs}`)).catch((error) => error);
        const { code, begun = false } = failed.failure;
        expect([fate, isNew, code, begun]).toEqual([fate, isNew, 'ECONNRESET', afterMs === 2_000]);
      }
  // The SDK passes on the error of the connection.
  const endpoint = `http://127.0.0.1:${here.port}/reset/2000`;
  const provider = pollySpeech({ region: 'us-east-1', endpoint, callTimeoutMs: 60_000 });
  onTestFinished(() => provider.close());
  const failure = { code: 'ECONNRESET', begun: true };
  await expect(provider.synthesize(sound('Hello.'))).rejects.toMatchObject({ failure });
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

test('a call whose tunnel was never made, or whose server was not trusted, was not billed', async () => {
  const codeOfUnbilled = async (options: RequestOptions): Promise<string> => {
    const call = {
      provider: 'polly',
      method: 'SynthesizeSpeech',
      timeoutMs: 60_000,
      mayBeBilled: true,
    } as const;
    const lost = async (): Promise<never> => {
      throw await failureOf(options, httpsRequest);
    };
    const { failure } = await measuredCall(call, lost).catch((error) => error);
    expect(failure).toMatchObject({ from: 'network', billed: false });
    expect(failure).not.toHaveProperty('begun');
    return failure.code;
  };
  const reset = (socket: Duplex): void => void (socket instanceof Socket && socket.resetAndDestroy());
  const opened = 'HTTP/1.1 200 OK\r\n\r\n';
  const ends: readonly ((socket: Duplex) => void)[] = [
    reset,
    (socket) => void socket.end(opened),
    (socket) => void socket.write(opened, () => reset(socket)),
  ];
  for (const onTunnel of ends) {
    await using proxy = await startOutboundProxy('http://127.0.0.1', onTunnel);
    const agent = new HttpsAgent({ proxyEnv: proxy.env });
    expect(await codeOfUnbilled({ host: 'polly.test', agent })).toBe('ECONNRESET');
  }
  await using untrusted = await startStandIn();
  const [host, port] = untrusted.host.split(':');
  expect(await codeOfUnbilled({ host, port })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
});
