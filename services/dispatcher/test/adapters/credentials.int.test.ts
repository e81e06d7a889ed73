/** Credentials that can't be found for a while: items wait for them, unless nobody has given any. */
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull } from 'node:os';
import { eventually, temporaryFolder } from '@setlist/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { CallFailed } from '../../src/adapters/failures.ts';
import { measuredCall } from '../../src/adapters/measured-call.ts';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { classify } from '../../src/domain/classify.ts';
import { callsOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherProcess, startRig } from '../world/rig.ts';
import { ask, phrases, sound } from '../world/sets.ts';

/** Nothing of this machine's own gives credentials. */
const NO_CREDENTIALS = {
  ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: '', AWS_WEB_IDENTITY_TOKEN_FILE: '' },
  ...{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '', AWS_CONTAINER_CREDENTIALS_FULL_URI: '' },
  ...{ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull, AWS_EC2_METADATA_DISABLED: 'true' },
};

const KEY = { AccessKeyId: 'test', SecretAccessKey: 'test' };

async function serverUrl(answer: RequestListener): Promise<string> {
  const server = createServer((request, reply) => {
    request.resume();
    answer(request, reply);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('items wait while the agent of their container hands out no credentials, and are then paid for once', async () => {
  let isStarting = true;
  const agentUrl = await serverUrl((_, reply) => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    if (isStarting) reply.writeHead(500).end();
    else reply.end(JSON.stringify({ ...KEY, Token: 'test', Expiration: until }));
  });
  await using rig = await startRig({ ENGINE: 'instant' });
  await using dispatcher = await dispatcherProcess(rig, {
    ...{
      PROVIDERS: 'polly',
      POLLY_REGION: 'eu-central-1',
      CALL_TIMEOUT: '30s',
      TASK_STORE: '',
      TASK_BUCKET: '',
    },
    ...{ AWS_ENDPOINT_URL_POLLY: rig.engineUrl, ...NO_CREDENTIALS },
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agentUrl}/credentials`,
  });
  const setId = await ask(rig, phrases(3, 'Please wait', { provider: 'polly' }));
  const warning = JSON.parse(await dispatcher.waitForLine(/calls fail/));
  expect(warning).toMatchObject({
    ...{ code: 'CredentialsProviderError', provider: 'polly', lane: 'standard' },
    remedy: expect.stringContaining('without a restart'),
  });
  isStarting = false;
  const outcomes = await settled(rig, setId, 3);
  expect(outcomes.map(({ name }) => name)).toEqual(['ItemCompleted', 'ItemCompleted', 'ItemCompleted']);
  const paid = (await soundEvents(rig)).filter(({ name }) => name === 'SoundPaid');
  expect(paid).toHaveLength(3);
  expect(paid.some(({ data }) => 'repaid' in data)).toBe(false);
  expect(await callsOf(rig)).toMatchObject({ ok: 3, failed: 0, cut: 0 });
});

test('a call without credentials fails its item at once, unless calls have succeeded before', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  await using folder = await temporaryFolder();
  const key = `${folder.path}/key.json`;
  await writeFile(`${folder.path}/config`, `[default]\ncredential_process = cat ${key}\n`);
  const pollyUrl = await serverUrl(
    (_, reply) => void reply.setHeader('content-type', 'audio/mpeg').end('audio'),
  );
  const env = {
    ...NO_CREDENTIALS,
    AWS_CONFIG_FILE: `${folder.path}/config`,
    AWS_ENDPOINT_URL_POLLY: pollyUrl,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const client = pollySpeech({ region: 'us-east-1', callTimeoutMs: 60_000 });
  onTestFinished(() => client.close());
  const verdict = () =>
    client.synthesize(sound('Who goes there?')).then(
      () => 'ok',
      ({ failure }: CallFailed) => `${classify(failure, 0).kind}: ${failure.code}`,
    );
  expect(await verdict()).toBe('fail: CredentialsProviderError');
  const inAnHour = Date.now() + 3_600_000;
  await writeFile(key, JSON.stringify({ Version: 1, ...KEY, Expiration: new Date(inAnHour).toISOString() }));
  expect(await verdict()).toBe('ok');
  await rm(key);
  vi.setSystemTime(inAnHour + 1);
  expect(await verdict()).toBe('retry: CredentialsProviderError');
});

test('a call for whose role STS breaks off or says nothing was not billed, and the next one asks again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  await using folder = await temporaryFolder();
  const token = `${folder.path}/token`;
  await writeFile(token, 'a token');
  let does: 'reset' | 'silence' | 'answer' = 'reset';
  let answered = 0;
  const stsUrl = await serverUrl((request, reply) => {
    vi.advanceTimersByTime(2_000);
    if (does === 'reset') request.socket.resetAndDestroy();
    if (does !== 'answer') return;
    answered++;
    reply.end(assumed(new Date(Date.now() + 3_600_000)));
  });
  const pollyUrl = await serverUrl(
    (_, reply) => void reply.setHeader('content-type', 'audio/mpeg').end('audio'),
  );
  const env = {
    ...NO_CREDENTIALS,
    ...{ AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/polly', AWS_WEB_IDENTITY_TOKEN_FILE: token },
    ...{ AWS_ENDPOINT_URL_STS: stsUrl, AWS_ENDPOINT_URL_POLLY: pollyUrl },
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const client = pollySpeech({ region: 'us-east-1', callTimeoutMs: 4_000 });
  onTestFinished(() => client.close());
  const failure = () =>
    client.synthesize(sound('Who goes there?')).then(
      () => undefined,
      (failed: CallFailed) => failed.failure,
    );
  const broken = await failure();
  expect(broken).toMatchObject({ code: 'ECONNRESET', billed: false });
  expect(broken).not.toHaveProperty('begun');
  does = 'silence';
  const late = await failure();
  expect(late).toMatchObject({ code: 'CredentialsProviderError', billed: false, retryable: true });
  expect(late).not.toHaveProperty('begun');
  does = 'answer';
  await eventually(async () => (await failure()) === undefined);
  const until = answered;
  expect([await failure(), answered]).toEqual([undefined, until]);
});

const assumed = (until: Date): string =>
  `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
    <Credentials><AccessKeyId>test</AccessKeyId><SecretAccessKey>test</SecretAccessKey>
      <SessionToken>test</SessionToken><Expiration>${until.toISOString()}</Expiration></Credentials>
  </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

test('a call that had no credentials until it was cut off was never sent', async () => {
  const missing = Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
  const send = (cut: AbortSignal) =>
    new Promise<never>((_, reject) => cut.addEventListener('abort', () => reject(missing)));
  const call = { provider: 'polly', method: 'SynthesizeSpeech', timeoutMs: 1, mayBeBilled: true } as const;
  const failure = { from: 'provider', code: 'CredentialsProviderError' };
  const failed = await measuredCall(call, send).catch((error: CallFailed) => error);
  expect(failed).toMatchObject({ failure });
  expect(failed.failure).not.toHaveProperty('begun');
});
