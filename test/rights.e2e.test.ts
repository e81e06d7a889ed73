/** The whole system on S3, SNS and SQS with the rights of deploy/iam: they suffice, and all are needed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { subjects } from '@setlist/contracts';
import { openStore } from '@setlist/storage';
import { eventually, type S3Server, startS3, startSmtp, temporaryFolder } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import { type Gate, startGate } from './rights/gate.ts';
import { Policies } from './rights/policies.ts';
import { System, setFile } from './system.ts';

const SERVICES = ['ingest', 'dispatcher', 'tracker', 'notifier', 'console'] as const;
const TOPIC = 'arn:aws:sns:eu-central-1:000000000000:sets';
const TASK_TOPIC = 'arn:aws:sns:eu-central-1:000000000000:tasks';
const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
const QUEUE = 'new-sets';

const POLICIES = new Policies({
  INBOX_BUCKET: 'sets',
  INBOX_PREFIX: 'in/',
  STORE_BUCKET: 'kept',
  STORE_PREFIX: 'setlist/',
  OUTPUT_BUCKET: 'audio',
  OUTPUT_PREFIX: 'out/',
  TASK_BUCKET: 'tasks',
  TASK_PREFIX: 'setlist/',
  REGION: '*',
  ACCOUNT: '*',
  QUEUE,
  TOPIC: nameOf(TOPIC),
  POLLY_REGION: '*',
  TASK_TOPIC: nameOf(TASK_TOPIC),
});

/**
 * Actions not used here: the emulator has no tags or keys, and the engine no rights; nothing is large enough to be
 * uploaded in parts, or slow enough for its message to be extended; no two runs share a file that must be checked, no
 * cap makes ingest look for paid audio, and the store refuses no sound.
 */
const NOT_TRIED = [
  / OnlyWithAKmsKey/,
  / s3:PutObjectTagging$/,
  / s3:AbortMultipartUpload$/,
  / sqs:ChangeMessageVisibility$/,
  / polly:/,
  /^dispatcher: NameAudioForItsUsers s3:GetObject$/,
  /^dispatcher: TakeProbesAway s3:DeleteObject$/,
  /^ingest: LookWhatAudioIsThere s3:GetObject$/,
];

const isNotTried = (service: string, right: string): boolean =>
  NOT_TRIED.some((each) => each.test(`${service}: ${right}`));

test('the policies of deploy/iam allow exactly what the services do on S3, SNS and SQS', async () => {
  await using s3 = await startS3();
  await using gate = await startGate(s3.endpoint, POLICIES, { local: 'dispatcher' });
  await using folder = await temporaryFolder();
  await using smtp = await startSmtp();
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
  for (const bucket of ['sets', 'kept', 'audio', 'tasks']) await s3.createBucket(bucket);
  const { QueueUrl } = await sqs(s3, 'CreateQueue', { QueueName: QUEUE });
  for (const topic of [TOPIC, TASK_TOPIC]) await sns(s3, { Action: 'CreateTopic', Name: nameOf(topic) });
  await using system = await startedWith(gate, {
    s3,
    folder: folder.path,
    queueUrl: QueueUrl,
    smtpUrl: smtp.url,
  });
  const url = await system.startConsole({ INBOX: 's3://sets/in', STORE: 's3://kept/setlist' });

  const ready = await system.processes.get('dispatcher-1')?.waitForLine(/"healthUrl"/);
  const { healthUrl } = JSON.parse(ready ?? '{}') as { healthUrl: string };
  expect((await fetch(`${healthUrl}/readyz`)).status).toBe(200);

  const inbox = openStore('s3://sets/in', { ...s3.s3ClientConfig });
  const put = (key: string, text: string) =>
    inbox.put(key, Buffer.from(text), { contentType: 'application/yaml' });
  const long = 'A sentence that goes on for a while, and then some more. '.repeat(60);
  const phrase = (index: number): string => (index === 1 ? long : `Phrase ${index}.`);
  await put('tour.yml', setFile('tour', 3, { phrase }));
  await put('bad.yml', 'set:\n  name: bad\nitems:\n  - txt: Hello.\n');
  const record = {
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: 'sets' }, object: { key: 'in/tour.yml' } },
  };
  await sqs(s3, 'SendMessage', { QueueUrl, MessageBody: JSON.stringify({ Records: [record] }) });
  const tour = await system.completed('tour', 60_000);
  await eventually(async () => expect(await inbox.head('bad.yml.problems.json')).toBeDefined());
  const post = (path: string, text: string): Promise<Response> =>
    fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: text,
    });
  const plan = await post('/plan?fileName=tour.yml', setFile('tour', 3, { phrase }));
  expect(await plan.json()).toMatchObject({ states: { cached: 3 } });

  const submitted = await post('/sets?fileName=again.yml', setFile('again', 1));
  expect([201, 202]).toContain(submitted.status);
  const { setId } = await system.completed('again', 60_000);
  const audio = await eventually(async () => {
    const link = await fetch(`${url}/api/v1/sets/${setId}/items/0/audio-link`, { method: 'POST' });
    return link.ok && fetch(new URL(((await link.json()) as { url: string }).url, url));
  });
  expect(audio.status).toBe(200);
  expect((await audio.arrayBuffer()).byteLength).toBeGreaterThan(0);
  // A mail and a message to the topic for each of three sets.
  await eventually(async () => expect(await notices(system)).toHaveLength(6));
  const output = openStore('s3://audio/out', s3.s3ClientConfig);
  const written = await eventually(() => output.get('tour/manifest.csv'));
  const mail = smtp.mails.find(({ messageId }) => messageId === `<${tour.setId}.completed.1@setlist>`);
  expect(mail?.attachments.map(({ content }) => content.toString())).toEqual([
    Buffer.from(written).toString(),
  ]);

  for (const service of SERVICES) {
    const tried = POLICIES.allowed(service).filter((right) => !isNotTried(service, right));
    await eventually(() =>
      expect([...gate.done(service)].sort(), service).toEqual([...new Set(tried)].sort()),
    );
  }
  expect(gate.refused).toEqual([]);
});

const signedAs = (name: string) => ({ AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: 'secret' });

interface Places {
  readonly s3: S3Server;
  readonly folder: string;
  readonly queueUrl: string;
  readonly smtpUrl: string;
}

/** Starts the system with each service's own credentials. */
async function startedWith(gate: Gate, { s3, folder, queueUrl, smtpUrl }: Places): Promise<System> {
  const channels = join(folder, 'channels.json');
  await writeFile(channels, JSON.stringify({ channels: { records: { kind: 'sns', topic: TOPIC } } }));
  const own = SERVICES.map((name) => [name, signedAs(name)] as const);
  const { AWS_CONFIG_FILE = '', AWS_SHARED_CREDENTIALS_FILE = '' } = s3.env;
  return System.start({
    engine: {
      ENGINE: 'instant',
      TASK_OUTPUT_DIR: '',
      S3_ENDPOINT: gate.url,
      SNS_ENDPOINT: gate.url,
      AWS_REGION: s3.region,
    },
    services: {
      INBOX: 's3://sets/in',
      STORE: 's3://kept/setlist',
      OUTPUT: 's3://audio/out',
      TASK_BUCKET: 'tasks',
      TASK_STORE: 's3://tasks',
      TASK_TOPIC,
      POLLY_REGION: 'eu-central-1',
      S3_ENDPOINT: gate.url,
      S3_FORCE_PATH_STYLE: 'true',
      BUCKET_POLL_EVERY: '200ms',
      CHANNELS_FILE: channels,
      MAIL_FOLDER: '',
      SMTP_URL: smtpUrl,
      MAIL_FROM: 'setlist@example.org',
      MAIL_TO: 'ops@example.org',
      AWS_ENDPOINT_URL: gate.url,
      AWS_REGION: s3.region,
      AWS_CONFIG_FILE,
      AWS_SHARED_CREDENTIALS_FILE,
    },
    each: {
      ...Object.fromEntries(own),
      ingest: { ...signedAs('ingest'), SQS_QUEUES: gate.url + new URL(queueUrl).pathname },
    },
  });
}

/** Calls SQS by its JSON protocol, and SNS by forms; the emulator checks no signature. */
async function sqs(
  { endpoint, region }: S3Server,
  action: string,
  input: object,
): Promise<{ QueueUrl: string }> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
      authorization: unsigned(region, 'sqs'),
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${action}: ${await answer.text()}`);
  return (await answer.json()) as { QueueUrl: string };
}

async function sns({ endpoint, region }: S3Server, input: Record<string, string>): Promise<void> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: unsigned(region, 'sns') },
    body: new URLSearchParams(input),
  });
  if (!answer.ok) throw new Error(`${input.Action}: ${await answer.text()}`);
}

const unsigned = (region: string, service: string): string =>
  `AWS4-HMAC-SHA256 Credential=test/20261122/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

async function notices(system: System): Promise<unknown[]> {
  const all = await system.events(subjects.notices('*'));
  return all.filter(({ name }) => name === 'NotificationSent');
}
