/** A host whose clock is off: the SDK adopts the provider's clock after a refused call, and no item fails for that. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CallFailed } from '../../src/adapters/failures.ts';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { classify } from '../../src/domain/classify.ts';
import { sound } from '../world/sets.ts';

const AHEAD_MS = 10 * 60_000;
/** AWS refuses a signature that is older or younger. */
const TOLERATED_MS = 5 * 60_000;

let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

/** A provider whose clock is ahead of ours, and checks signatures for their time only. */
async function clientOf(answer: (reply: ServerResponse) => void) {
  const server = createServer((request, reply) => {
    request.resume();
    const now = Date.now() + AHEAD_MS;
    reply.setHeader('date', new Date(now).toUTCString());
    const signed = String(request.headers['x-amz-date']);
    if (Math.abs(timeOf(signed) - now) < TOLERATED_MS) answer(reply);
    else
      refuse(reply, 'InvalidSignatureException', `Signature expired: ${signed} is now earlier than allowed`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  stack.defer(() => void server.close());
  const { port } = server.address() as AddressInfo;
  // With an address of its own, the local engine's, the client would not sign.
  vi.stubEnv('AWS_ENDPOINT_URL_POLLY', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  stack.defer(() => void vi.unstubAllEnvs());
  return stack.adopt(pollySpeech({ region: 'us-east-1', callTimeoutMs: 30_000 }), (client) => client.close());
}

/** `20261123T011509Z`, as it is signed. */
const timeOf = (signed: string): number =>
  Date.parse(signed.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));

const refuse = (reply: ServerResponse, name: string, message: string): void =>
  void reply.writeHead(403, { 'x-amzn-errortype': name }).end(JSON.stringify({ message }));

const speak = (reply: ServerResponse): void =>
  void reply.setHeader('content-type', 'audio/mpeg').end('some audio');

const verdictOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    ({ failure }: CallFailed) => classify(failure, 0).kind,
  );

test('calls that were refused for the time of their signature are retried, and the next one succeeds', async () => {
  const client = await clientOf(speak);
  const call = () => verdictOf(client.synthesize(sound('What time is it?')));
  const atOnce = await Promise.all([call(), call(), call()]);
  expect(atOnce).toContain('retry');
  expect(atOnce).not.toContain('fail');
  expect(await call()).toBe('ok');
});

test.each([
  ['InvalidSignatureException', 'The request signature we calculated does not match the one you provided'],
  ['InvalidSsmlException', 'Invalid SSML request'],
])('a call that is refused for something else fails all the same: %s', async (name, message) => {
  const client = await clientOf((reply) => refuse(reply, name, message));
  const call = () => verdictOf(client.synthesize(sound('What time is it?')));
  expect([await call(), await call(), await call()]).toEqual(['retry', 'fail', 'fail']);
});

test('the age of a lexicon is told by the provider’s clock', async () => {
  const uploadedAt = Date.now() + AHEAD_MS - 60_000;
  const attributes = { LastModified: uploadedAt / 1_000 };
  const body = JSON.stringify({ Lexicon: { Content: 'a' }, LexiconAttributes: attributes });
  const client = await clientOf((reply) => void reply.end(body));
  expect(await verdictOf(client.lexicon('brands'))).toBe('retry');
  const { ageMs = 0 } = (await client.lexicon('brands')) ?? {};
  // The provider tells the time in whole seconds.
  expect(ageMs).toBeGreaterThan(55_000);
  expect(ageMs).toBeLessThan(AHEAD_MS);
});
