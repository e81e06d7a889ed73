/** The dispatcher's settings, from the environment. */
import { PROVIDERS } from '@setlist/contracts';
import { brokerSettings } from '@setlist/eventlog';
import { LIMITS, QUOTA_FORMS, readQuotas } from '@setlist/polly';
import { baseConfig, durationMs, flag, integer, list, readAs, url } from '@setlist/runtime';
import { taskKeyPrefix } from '@setlist/sounds';
import { storeSettings } from '@setlist/storage';
import { z } from 'zod';
import { regionOf } from './sns/message.ts';

/** `host:port`; IPv6 in brackets. */
const listenAddress = readAs((text) => {
  const [, host, port] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  return host !== undefined && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined;
}, 'must be an address and a port, such as 0.0.0.0:8443');

const A_HASH = '0'.repeat(64);
const PREFIX_FAULT = `must have ${LIMITS.keyPrefixCharacters - A_HASH.length} characters at most, of those that Polly takes in a key: letters and digits of ASCII, and some signs, but no blank`;

const settings = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  DRAIN_TIMEOUT: durationMs()
    .prefault('45s')
    .describe(
      'how long work under way may take to end after the first SIGTERM or SIGINT: longer than CALL_TIMEOUT',
    ),
  STORE: z.string().describe('where canonical audio is kept: a folder, file:///… or s3://bucket/prefix'),
  PROVIDERS: list(z.enum(PROVIDERS, { error: `must be ${PROVIDERS.join(' or ')}` }))
    .prefault('local')
    .describe('whom this dispatcher may call; Polly costs money and is asked for by name'),
  POLLY_LOCAL_URL: url().prefault('http://127.0.0.1:8580').describe('where the local engine listens'),
  POLLY_REGION: z.string().prefault('us-east-1').describe('AWS region of Polly and of the task bucket'),
  QUOTAS: readAs(readQuotas, QUOTA_FORMS)
    .prefault('auto')
    .describe(
      'auto: Polly’s quotas for Polly, none for the local engine; off; polly; or entries such as neural.synthesize=20/25/40 (a second / burst / at once)',
    ),
  CONCURRENCY: integer({ min: 1, max: 10_000 })
    .prefault('16')
    .describe('calls under way at once where no quota is kept'),
  TASK_BUCKET: z.string().optional().describe('bucket for tasks, which texts over 3,000 characters need'),
  TASK_STORE: z
    .string()
    .optional()
    .describe('the same bucket as a store; s3://TASK_BUCKET unless the local engine writes to a folder'),
  TASK_PREFIX: z
    .string()
    .refine((root) => LIMITS.keyPrefix.test(taskKeyPrefix(root, A_HASH)), PREFIX_FAULT)
    .prefault('setlist/')
    .describe('before the hash in the key prefix of every task'),
  TASK_TOPIC: z
    .string()
    .refine((arn) => regionOf(arn) !== undefined, 'must be the ARN of an SNS topic')
    .optional()
    .describe('ARN of the SNS topic that is told of every task’s end, in POLLY_REGION'),
  SNS_LISTEN: listenAddress
    .optional()
    .describe('where to listen for that topic’s messages, such as 0.0.0.0:8443; polling goes on beside it'),
  SNS_TLS_CERT: z
    .string()
    .optional()
    .describe('file with the certificate of SNS_LISTEN and its chain, in PEM'),
  SNS_TLS_KEY: z.string().optional().describe('file with its private key, in PEM'),
  SNS_BEHIND_PROXY: flag()
    .prefault('false')
    .describe('whether SNS_LISTEN speaks plain HTTP, because a proxy before it ends TLS'),
  TASK_POLL_EVERY: durationMs().prefault('2s').describe('how often tasks under way are listed'),
  CALL_TIMEOUT: durationMs().prefault('30s').describe('how long one call may take'),
  RETRY_FOR: durationMs()
    .prefault('1h')
    .describe(
      'how long an item is tried again where its set has no deadline; waiting for quota does not count',
    ),
  ACK_WAIT: durationMs().prefault('30s').describe('after this silence another replica gets the work'),
  AHEAD: integer({ min: 1, max: 1_000 })
    .prefault('64')
    .describe(
      'items of a set and lane taken ahead of being paid; fewer of each where more than 32 lanes are open',
    ),
  COMPARE_EVERY: durationMs()
    .prefault('30s')
    .describe('how often open sets are compared with the lanes that exist'),
});

/** Where tasks write, by itself, for whoever looks after what they left. */
export const taskPrefixConfig = settings.pick({ TASK_PREFIX: true });

/** What only makes sense together. */
export const dispatcherConfig = settings.superRefine((read, context) => {
  const { TASK_TOPIC, POLLY_REGION, SNS_LISTEN, SNS_TLS_CERT, SNS_TLS_KEY, SNS_BEHIND_PROXY } = read;
  const fault = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (TASK_TOPIC !== undefined && regionOf(TASK_TOPIC) !== POLLY_REGION)
    fault('TASK_TOPIC', `must be in the region of Polly, ${POLLY_REGION}`);
  if ((SNS_TLS_CERT === undefined) !== (SNS_TLS_KEY === undefined))
    fault('SNS_TLS_CERT', 'must be set together with SNS_TLS_KEY');
  if (SNS_LISTEN === undefined) return;
  if (TASK_TOPIC === undefined) fault('SNS_LISTEN', 'needs TASK_TOPIC: only its messages are taken');
  if ((SNS_TLS_CERT !== undefined) === SNS_BEHIND_PROXY)
    fault('SNS_LISTEN', 'needs either SNS_TLS_CERT and SNS_TLS_KEY, or SNS_BEHIND_PROXY=true');
});

/** As a process of its own, which is ended when its time is up: its calls have to end before, or are paid in vain. */
export const processConfig = dispatcherConfig.superRefine(({ DRAIN_TIMEOUT, CALL_TIMEOUT }, context) => {
  if (DRAIN_TIMEOUT > CALL_TIMEOUT) return;
  const message = `must be longer than CALL_TIMEOUT, ${CALL_TIMEOUT / 1_000} s`;
  context.addIssue({ code: 'custom', path: ['DRAIN_TIMEOUT'], message });
});

export type DispatcherConfig = z.output<typeof dispatcherConfig>;
