/** How Polly is reached from a network that lets nothing out but by a proxy. */
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { soundHash } from '@setlist/contracts';
import { eventually, startOutboundProxy } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { missingCredentials } from '../../src/index.ts';
import { fetchFromSns } from '../../src/sns/trust.ts';
import { settled, soundEvents } from '../world/probes.ts';
import { dispatcherProcess, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases, sound } from '../world/sets.ts';
import { CERTIFICATE, startStandIn, TOPIC } from '../world/sns-stand-in.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => rig[Symbol.asyncDispose]());

const ENV = {
  ...{
    PROVIDERS: 'polly',
    POLLY_REGION: 'eu-central-1',
    TASK_STORE: '',
    TASK_BUCKET: '',
    CALL_TIMEOUT: '30s',
  },
  ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_PROFILE: '' },
  ...{ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
};

const inEnvironment = (env: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
};

test('a dispatcher calls Polly by the proxy', async () => {
  await using proxy = await startOutboundProxy(rig.engineUrl);
  const env = { ...ENV, ...proxy.env, AWS_ENDPOINT_URL_POLLY: 'http://polly.test' };
  await using _ = await dispatcherProcess(rig, env);
  const setId = await ask(rig, phrases(2, 'The long way round', { provider: 'polly' }));
  const outcomes = await settled(rig, setId, 2);
  expect(outcomes.map(({ name }) => name)).toEqual(['ItemCompleted', 'ItemCompleted']);
  expect(proxy.asked).toEqual(['POST http://polly.test/v1/speech', 'POST http://polly.test/v1/speech']);
});

test('a call that the proxy does not let through is tried again, and counts as not billed', async () => {
  await using proxy = await startOutboundProxy(rig.engineUrl);
  await using _ = await dispatcherProcess(rig, { ...ENV, ...proxy.env });
  const [wanted = sound('')] = phrases(1, 'No way through', { provider: 'polly' });
  await ask(rig, [wanted]);
  const freed = await eventually(async () => {
    const events = await soundEvents(rig, soundHash(wanted));
    const own = events.flatMap(({ name, data }) => (name === 'SoundFreed' ? [data] : []));
    return own.length > 1 && own;
  });
  for (const { reason, billed } of freed) expect([reason.code, billed]).toEqual(['ERR_PROXY_TUNNEL', false]);
  expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT polly.eu-central-1.amazonaws.com:443']));
});

test('the credentials of a role are asked for by the proxy, before a set is accepted too', async () => {
  await using proxy = await startOutboundProxy(rig.engineUrl);
  const token = `${rig.folder}/token`;
  await writeFile(token, 'a token');
  const role = { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/polly', AWS_WEB_IDENTITY_TOKEN_FILE: token };
  inEnvironment({ ...ENV, ...proxy.env, ...role, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
  expect(await missingCredentials('eu-central-1')).toContain('tunnel');
  expect(proxy.asked).toEqual(['CONNECT sts.eu-central-1.amazonaws.com:443']);
});

test('the certificates of SNS are fetched by the proxy', async () => {
  await using proxy = await startOutboundProxy(rig.engineUrl);
  await using sns = await startStandIn();
  inEnvironment(proxy.env);
  const fetched = fetchFromSns(`https://${sns.host}${CERTIFICATE}`, TOPIC, sns.trust);
  await expect(fetched).rejects.toMatchObject({ code: 'ERR_PROXY_TUNNEL' });
  expect([proxy.asked, sns.seen]).toEqual([[`CONNECT ${sns.host}`], []]);
});

test('a certificate of SNS is not waited for without end where the proxy says nothing', async () => {
  await using proxy = await startOutboundProxy(rig.engineUrl, () => undefined);
  await using sns = await startStandIn();
  inEnvironment(proxy.env);
  const fetched = fetchFromSns(`https://${sns.host}${CERTIFICATE}`, TOPIC, sns.trust);
  await expect(fetched).rejects.toThrow(/time/);
  expect(proxy.asked).toEqual([`CONNECT ${sns.host}`]);
});
