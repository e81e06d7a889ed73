/** The address that a post goes to, for a name that resolves differently each time. */
import { once } from 'node:events';
import { createServer, type Server, setGlobalProxyFromEnv } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { postJson } from './post.ts';
import { parseNetwork, type Resolve } from './target-policy.ts';

const ALLOWED = '127.0.0.2';
const FORBIDDEN = '127.0.0.1';
const networks = [parseNetwork(ALLOWED)].filter((network) => network !== undefined);

let port: number;
let servers: readonly Server[];
/** The addresses that received a connection. */
let called: string[];

/** One server for each address, all on one port, as a rebound name would find them. */
beforeEach(async () => {
  called = [];
  const listening = async (address: string, at: number): Promise<Server> => {
    const server = createServer((request, response) => {
      called.push(address);
      request.resume();
      response.end();
    });
    server.listen(at, address);
    await once(server, 'listening');
    return server;
  };
  // In this order: a port that is free at the address that everything uses is free at the other one too.
  const forbidden = await listening(FORBIDDEN, 0);
  port = (forbidden.address() as AddressInfo).port;
  servers = [forbidden, await listening(ALLOWED, port)];
});
afterEach(async () => {
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
});

/** Gives these answers in turn, then repeats the last one. */
function answering(...answers: readonly (readonly string[])[]): Resolve & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (host, _options, done) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(host);
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  };
  return Object.assign(resolve, { asked });
}

const post = (resolve: Resolve) =>
  postJson(
    { url: new URL(`http://hooks.example:${port}/`), body: '{}' },
    { networks, plainHttp: true, timeoutMs: 20_000, resolve },
  );

test('a name is resolved once, and the connection goes to the address that was checked', async () => {
  const rebinding = answering([ALLOWED], [FORBIDDEN]);
  expect((await post(rebinding)).status).toBe(200);
  expect(called).toEqual([ALLOWED]);
  expect(rebinding.asked).toEqual(['hooks.example']);
});

test('each post resolves and checks the name afresh', async () => {
  const rebinding = answering([ALLOWED], [FORBIDDEN]);
  await post(rebinding);
  await expect(post(rebinding)).rejects.toMatchObject({ code: 'target-not-allowed' });
  expect(called).toEqual([ALLOWED]);
});

test('a name with one forbidden address among several is not connected to at all', async () => {
  await expect(post(answering([ALLOWED, FORBIDDEN]))).rejects.toMatchObject({ code: 'target-not-allowed' });
  expect(called).toEqual([]);
});

test('no proxy of the environment comes between, since it would resolve the name again', async () => {
  const restore = setGlobalProxyFromEnv({ HTTP_PROXY: `http://${FORBIDDEN}:${port}` });
  try {
    await post(answering([ALLOWED]));
  } finally {
    restore();
  }
  expect(called).toEqual([ALLOWED]);
});
