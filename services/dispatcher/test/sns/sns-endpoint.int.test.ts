/** Messages of SNS over HTTP: only those of our topic, signed by its SNS, have an effect, and only once. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createLogger } from '@setlist/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSnsEndpoint, type SnsEndpoint } from '../../src/sns/endpoint.ts';
import { SnsInbox } from '../../src/sns/on-sns-message.ts';
import { AMAZON, isOfSns } from '../../src/sns/trust.ts';
import { CERTIFICATE, post, type StandIn, startStandIn, TOPIC } from '../world/sns-stand-in.ts';

const quiet = createLogger({ service: 'dispatcher', level: 'silent', pretty: false });

let sns: StandIn;
beforeAll(async () => {
  sns = await startStandIn();
});
afterAll(() => sns[Symbol.asyncDispose]());

describe('the endpoint', () => {
  let endpoint: SnsEndpoint;
  let told: string[] = [];
  /** When the test began. The clock stands still, in ms, except for how far it is put forward. */
  let begun = 0;
  let laterMs = 0;
  const open = (): Promise<SnsEndpoint> => {
    const inbox = new SnsInbox({
      topic: TOPIC,
      trust: sns.trust,
      now: () => begun + laterMs,
      onTask: (taskId) => told.push(taskId),
      logger: quiet,
    });
    const onError = (): void => undefined;
    return openSnsEndpoint({ host: '127.0.0.1', port: 0, take: (body) => inbox.take(body), onError });
  };
  beforeEach(() => {
    told = [];
    begun = Date.now();
    laterMs = 0;
    sns.seen.length = 0;
    sns.answers.clear();
  });
  const posted = async (...bodies: (string | Record<string, string>)[]): Promise<number[]> => {
    endpoint = await open();
    await using _ = endpoint;
    const statuses: number[] = [];
    for (const body of bodies) {
      statuses.push(await post(endpoint.port, typeof body === 'string' ? body : JSON.stringify(body)));
    }
    return statuses;
  };

  test.each(['RSA-SHA1', 'RSA-SHA256'])(
    'accepts messages signed with %s, and fetches the certificate once',
    async (digest) => {
      expect(await posted(sns.message({}, digest), sns.message({ Subject: 'Polly' }, digest))).toEqual([
        200, 200,
      ]);
      expect(told).toEqual(['task-1', 'task-1']);
      expect(sns.seen).toEqual([CERTIFICATE]);
    },
  );

  test('acts on a message once, however often it is delivered', async () => {
    const twice = sns.message();
    expect(await posted(twice, twice)).toEqual([200, 200]);
    expect(told).toEqual(['task-1']);
  });

  test.each<[string, number, () => string | Record<string, string>]>([
    ['changed after it was signed', 403, () => ({ ...sns.message(), Message: '{"taskId":"task-2"}' })],
    ['signed by the other digest', 403, () => ({ ...sns.message({}, 'RSA-SHA1'), SignatureVersion: '2' })],
    ['from another topic', 403, () => sns.message({ TopicArn: `${TOPIC}-of-others` })],
    [
      'just over an hour old',
      403,
      () => sns.message({ Timestamp: new Date(Date.now() - 3_660_000).toISOString() }),
    ],
    ['from the future', 403, () => sns.message({ Timestamp: new Date(Date.now() + 600_000).toISOString() })],
    [
      'with a certificate from a look-alike host',
      403,
      () => sns.message({ SigningCertURL: `https://localhost.evil.example${CERTIFICATE}` }),
    ],
    [
      'with a certificate on another port',
      403,
      () => sns.message({ SigningCertURL: `https://localhost:1${CERTIFICATE}` }),
    ],
    [
      'with a certificate without TLS',
      403,
      () => sns.message({ SigningCertURL: `http://${sns.host}${CERTIFICATE}` }),
    ],
    [
      'with a user name in the certificate’s URL',
      403,
      () => sns.message({ SigningCertURL: `https://sns@${sns.host}${CERTIFICATE}` }),
    ],
    ['without a signature', 400, () => ({ ...sns.message(), Signature: '?' })],
    ['not JSON', 400, () => 'taskId=task-1'],
    ['of an unknown type', 400, () => sns.message({ Type: 'Surprise' })],
  ])('refuses a message %s', async (_, status, body) => {
    expect(await posted(body())).toEqual([status]);
    expect(told).toEqual([]);
  });

  test('answers 200 to a message that is not about a task, and does nothing', async () => {
    expect(await posted(sns.message({ Message: 'lunch is ready' }))).toEqual([200]);
    expect(told).toEqual([]);
  });

  test('retries a certificate that could not be fetched only after a while', async () => {
    sns.answers.set(CERTIFICATE, 503);
    endpoint = await open();
    await using _ = endpoint;
    const body = JSON.stringify(sns.message());
    expect(await post(endpoint.port, body)).toBe(502);
    sns.answers.clear();
    expect(await post(endpoint.port, body)).toBe(502);
    laterMs = 10_000;
    expect(await post(endpoint.port, body)).toBe(200);
    expect(told).toEqual(['task-1']);
    expect(sns.seen).toEqual([CERTIFICATE, CERTIFICATE]);
  });

  test('fetches hardly any of the certificates that strangers name, and a known one never again', async () => {
    endpoint = await open();
    await using _ = endpoint;
    expect(await post(endpoint.port, JSON.stringify(sns.message()))).toBe(200);
    const named = Array.from({ length: 40 }, (_, n) => `/SimpleNotificationService-${n.toString(16)}.pem`);
    for (const path of named) sns.answers.set(path, 404);
    laterMs = 1_000;
    const forged = named.map((path) => sns.message({ SigningCertURL: `https://${sns.host}${path}` }));
    const posts = forged.map((message) => post(endpoint.port, JSON.stringify(message)));
    expect(new Set(await Promise.all(posts))).toEqual(new Set([502]));
    expect(sns.seen).toHaveLength(2);
    expect(await post(endpoint.port, JSON.stringify(sns.message()))).toBe(200);
    expect(sns.seen).toHaveLength(2);
  });

  test('still fetches the right certificate after strangers name others', async () => {
    endpoint = await open();
    await using _ = endpoint;
    const strange = '/SimpleNotificationService-0.pem';
    sns.answers.set(strange, 404);
    const forged = sns.message({ SigningCertURL: `https://${sns.host}${strange}` });
    expect(await post(endpoint.port, JSON.stringify(forged))).toBe(502);
    laterMs = 1_000;
    expect(await post(endpoint.port, JSON.stringify(forged))).toBe(502);
    expect(await post(endpoint.port, JSON.stringify(sns.message()))).toBe(200);
    expect(sns.seen).toEqual([strange, CERTIFICATE]);
  });

  test('closes silent connections, even if they take all places', async () => {
    endpoint = await open();
    await using _ = endpoint;
    const silent = Array.from({ length: 64 }, () => connect(endpoint.port, '127.0.0.1'));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const closed = silent.map((socket) => once(socket.resume(), 'close'));
    await Promise.all(closed);
    expect(await post(endpoint.port, JSON.stringify(sns.message()))).toBe(200);
  }, 30_000);

  test('follows no redirect', async () => {
    sns.answers.set(CERTIFICATE, 302);
    expect(await posted(sns.message())).toEqual([502]);
  });

  test('trusts no certificate from the API of SNS, even with a valid signature', async () => {
    const forged = [
      '/?Action=GetEndpointAttributes&EndpointArn=arn',
      `${CERTIFICATE}?Action=GetEndpointAttributes`,
      `${CERTIFICATE}/..`,
      `/x${CERTIFICATE}`,
      '/SimpleNotificationService-.pem',
      '/SimpleNotificationService-01d0%2F..pem',
    ];
    const messages = forged.map((path) => sns.message({ SigningCertURL: `https://${sns.host}${path}` }));
    expect(await posted(...messages)).toEqual(forged.map(() => 403));
    expect([sns.seen, told]).toEqual([[], []]);
  });

  test('confirms a subscription only at the topic’s own SNS', async () => {
    const confirming = `/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=token`;
    expect(await posted(sns.confirmation(`https://${sns.host}${confirming}`))).toEqual([200]);
    expect(sns.seen).toContain(confirming);
    sns.seen.length = 0;
    const elsewhere = [
      `https://localhost.evil.example${confirming}`,
      `https://localhost:1${confirming}`,
      `https://evil.example/${sns.host}${confirming}`,
      `https://sns@${sns.host}${confirming}`,
      `http://${sns.host}${confirming}`,
    ];
    expect(await posted(...elsewhere.map(sns.confirmation))).toEqual(elsewhere.map(() => 403));
    expect(sns.seen).toEqual([CERTIFICATE]);
  });

  test.each([
    ['asks for something else', `/?Action=Unsubscribe&TopicArn=${TOPIC}&Token=token`],
    ['is for another topic', `/?Action=ConfirmSubscription&TopicArn=${TOPIC}-of-others&Token=token`],
    ['has another token', `/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=other`],
    ['asks twice', `/?Action=ConfirmSubscription&Action=Publish&TopicArn=${TOPIC}&Token=token`],
    ['asks for more', `/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=token&Message=x`],
    ['has another path', `/x?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=token`],
  ])('visits no confirmation that %s', async (_, path) => {
    expect(await posted(sns.confirmation(`https://${sns.host}${path}`))).toEqual([403]);
    expect(sns.seen).toEqual([CERTIFICATE]);
  });

  test('reads no more than the largest message of SNS, and accepts only POST', async () => {
    expect(await posted('x'.repeat(300_000))).toEqual([413]);
    endpoint = await open();
    await using _ = endpoint;
    expect((await fetch(`http://127.0.0.1:${endpoint.port}/`)).status).toBe(405);
  });
});

test.each([
  'https://sns.us-east-1.amazonaws.com.evil.example/x.pem',
  'https://sns.us-east-1.amazonaws.com@evil.example/x.pem',
  'https://evil.example@sns.us-east-1.amazonaws.com/x.pem',
  'https://sns.us-east-1.amazonaws.com:8443/x.pem',
  'https://sns-us-east-1.amazonaws.com/x.pem',
  'https://sns.eu-west-1.amazonaws.com/x.pem',
  'https://bucket.s3.us-east-1.amazonaws.com/x.pem',
  'http://sns.us-east-1.amazonaws.com/x.pem',
])('by default only Amazon’s own SNS in the topic’s region is trusted: not %s', (address) => {
  expect(isOfSns(address, TOPIC, AMAZON)).toBe(false);
  expect(isOfSns('https://sns.us-east-1.amazonaws.com/x.pem', TOPIC, AMAZON)).toBe(true);
});
