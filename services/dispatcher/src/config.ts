/** The dispatcher's settings, from the environment. */
import { PROVIDERS } from '@setlist/contracts';
import { brokerSettings } from '@setlist/eventlog';
import { LIMITS, QUOTA_FORMS, readQuotas } from '@setlist/polly';
import { baseConfig, durationMs, flag, integer, list, readAs, url } from '@setlist/runtime';
import { taskKeyPrefix } from '@setlist/sounds';
import { keyProblem, storeSettings } from '@setlist/storage';
import { z } from 'zod';
import { regionOf } from './sns/message.ts';

/** `host:port`; IPv6 in brackets. */
const listenAddress = readAs((text) => {
  const [, host, port] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  return host !== undefined && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined;
}, 'must be an address and a port, such as 0.0.0.0:8443');

const A_HASH = '0'.repeat(64);
const PREFIX_FAULT = `must have ${LIMITS.keyPrefixCharacters - A_HASH.length} characters at most, all of which Polly accepts in a key: ASCII letters and digits and some punctuation, but no spaces`;

/** The longest ending of what a task writes: its id and the extension of speech marks. */
const LONGEST_ENDING = `.${'0'.repeat(36)}.marks`;

/** What is wrong with a prefix of tasks; a key that stores refuse could be paid for, but never be read. */
function faultOfPrefix(root: string): string | undefined {
  const prefix = taskKeyPrefix(root, A_HASH);
  if (!LIMITS.keyPrefix.test(prefix)) return PREFIX_FAULT;
  const problem = keyProblem(`${prefix}${LONGEST_ENDING}`);
  return problem && `must make keys that stores can hold (${problem.message}: ${problem.remedy})`;
}

const settings = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  DRAIN_TIMEOUT: durationMs()
    .prefault('45s')
    .describe(
      'how long work in progress may take to finish after the first SIGTERM or SIGINT; must be longer than CALL_TIMEOUT',
    ),
  STORE: z.string().describe('where canonical audio is kept: a folder, file:///… or s3://bucket/prefix'),
  PROVIDERS: list(z.enum(PROVIDERS, { error: `must be ${PROVIDERS.join(' or ')}` }))
    .prefault('local')
    .describe('providers that this dispatcher may call; Polly costs money, so it must be named explicitly'),
  POLLY_LOCAL_URL: url().prefault('http://127.0.0.1:8580').describe('where the local engine listens'),
  POLLY_REGION: z.string().prefault('us-east-1').describe('AWS region of Polly and of the task bucket'),
  QUOTAS: readAs(readQuotas, QUOTA_FORMS)
    .prefault('auto')
    .describe(
      'auto: Polly’s quotas for Polly, none for the local engine; off; polly; or entries such as neural.synthesize=20/25/40 (per second / burst / concurrent), poll=20/20 (looking for tasks) and lexicons=10/20',
    ),
  CONCURRENCY: integer({ min: 1, max: 10_000 })
    .prefault('16')
    .describe('concurrent calls where no quota applies'),
  TASK_BUCKET: z.string().optional().describe('bucket for tasks, which texts over 3,000 characters need'),
  TASK_STORE: z
    .string()
    .optional()
    .describe(
      'the same bucket as a store: s3://TASK_BUCKET unless set; only the local engine can write to a folder',
    ),
  TASK_PREFIX: z
    .string()
    .superRefine((root, context) => {
      const message = faultOfPrefix(root);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .prefault('setlist/')
    .describe(
      'what precedes the hash in the key prefix of every task; each system that shares TASK_BUCKET needs its own',
    ),
  TASK_TOPIC: z
    .string()
    .refine((arn) => regionOf(arn) !== undefined, 'must be the ARN of an SNS topic')
    .optional()
    .describe('ARN of the SNS topic, in POLLY_REGION, that is notified when a task ends'),
  SNS_LISTEN: listenAddress
    .optional()
    .describe('where to listen for that topic’s messages, such as 0.0.0.0:8443; polling continues alongside'),
  SNS_TLS_CERT: z.string().optional().describe('PEM file with the certificate of SNS_LISTEN and its chain'),
  SNS_TLS_KEY: z.string().optional().describe('PEM file with its private key'),
  SNS_BEHIND_PROXY: flag()
    .prefault('false')
    .describe('whether SNS_LISTEN speaks plain HTTP, because a proxy in front of it terminates TLS'),
  TASK_POLL_EVERY: durationMs().prefault('2s').describe('how often running tasks are listed'),
  CALL_TIMEOUT: durationMs()
    .prefault('30s')
    .describe(
      'how long nothing may be heard of a call until its answer is complete; while audio keeps coming, it may take ten times as long',
    ),
  RETRY_FOR: durationMs()
    .prefault('1h')
    .describe('how long an item is retried where its set has no deadline; waiting for quota does not count'),
  ACK_WAIT: durationMs()
    .prefault('30s')
    .describe('after this long without a sign of life, the work goes to another replica'),
  AHEAD: integer({ min: 1, max: 1_000 })
    .prefault('64')
    .describe(
      'items taken per set and lane before they are paid; fewer of a set just begun, and where more than 32 lanes are open',
    ),
  COMPARE_EVERY: durationMs()
    .prefault('30s')
    .describe('how often open sets are compared with the lanes that exist'),
});

/** TASK_PREFIX on its own, for the removal of what tasks leave behind. */
export const taskPrefixConfig = settings.pick({ TASK_PREFIX: true });

const bucketOf = (store: string): string | undefined => /^s3:\/\/([^/]+)\/*$/i.exec(store)?.[1];

/** Checks the settings that depend on each other. */
export const dispatcherConfig = settings.superRefine((read, context) => {
  const { TASK_TOPIC, POLLY_REGION, SNS_LISTEN, SNS_TLS_CERT, SNS_TLS_KEY, SNS_BEHIND_PROXY } = read;
  const { PROVIDERS: served, TASK_BUCKET: bucket, TASK_STORE: store } = read;
  const fault = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (served.includes('polly') && bucket !== undefined && store !== undefined && bucketOf(store) !== bucket)
    fault('TASK_STORE', `must be unset or s3://${bucket}: there Polly writes what its tasks are paid for`);
  if (TASK_TOPIC !== undefined && regionOf(TASK_TOPIC) !== POLLY_REGION)
    fault('TASK_TOPIC', `must be in the region of Polly, ${POLLY_REGION}`);
  if ((SNS_TLS_CERT === undefined) !== (SNS_TLS_KEY === undefined))
    fault('SNS_TLS_CERT', 'must be set together with SNS_TLS_KEY');
  if (SNS_LISTEN === undefined) return;
  if (TASK_TOPIC === undefined) fault('SNS_LISTEN', 'needs TASK_TOPIC: only its messages are accepted');
  if ((SNS_TLS_CERT !== undefined) === SNS_BEHIND_PROXY)
    fault('SNS_LISTEN', 'needs either SNS_TLS_CERT and SNS_TLS_KEY, or SNS_BEHIND_PROXY=true');
});

/** For a process of its own, which is killed after DRAIN_TIMEOUT: calls that it cuts off are paid for nothing. */
export const processConfig = dispatcherConfig.superRefine(({ DRAIN_TIMEOUT, CALL_TIMEOUT }, context) => {
  if (DRAIN_TIMEOUT > CALL_TIMEOUT) return;
  const message = `must be longer than CALL_TIMEOUT, ${CALL_TIMEOUT / 1_000} s`;
  context.addIssue({ code: 'custom', path: ['DRAIN_TIMEOUT'], message });
});

export type DispatcherConfig = z.output<typeof dispatcherConfig>;
