/** The dispatcher's settings, from the environment. */
import { PROVIDERS } from '@setlist/contracts';
import { brokerSettings } from '@setlist/eventlog';
import { ENGINES, type Engine, type Operation, QUOTAS, type Quota } from '@setlist/polly';
import { baseConfig, durationMs, integer, list, url } from '@setlist/runtime';
import { storeSettings } from '@setlist/storage';
import { z } from 'zod';

export type Quotas = Readonly<Record<Engine, Readonly<Record<Operation, Quota>>>>;
export type QuotaSetting = 'auto' | 'off' | Quotas;

const ENTRY = /^([a-z-]+)\.(synthesize|task)=(\d+(?:\.\d+)?)(?:\/(\d+))?(?:\/(\d+))?$/;

/** `polly`, with any entry `engine.operation=rps/burst/concurrency` changed. */
function readQuotas(text: string): QuotaSetting | undefined {
  if (text === 'auto' || text === 'off') return text;
  const quotas = structuredClone(QUOTAS) as Record<Engine, Record<Operation, Quota>>;
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === 'polly') continue;
    const [, engine, operation, rps, burst = rps, concurrency] = ENTRY.exec(entry) ?? [];
    if (!isEngine(engine) || rps === undefined || !(Number(rps) > 0)) return undefined;
    quotas[engine][operation as Operation] = {
      rps: Number(rps),
      burst: Math.max(1, Math.floor(Number(burst))),
      ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
    };
  }
  return quotas;
}

const isEngine = (name: string | undefined): name is Engine => ENGINES.some((engine) => engine === name);

const quotas = z.string().transform((text, context): QuotaSetting => {
  const read = readQuotas(text.trim());
  if (read !== undefined) return read;
  context.addIssue({
    code: 'custom',
    message:
      'must be auto, off, polly, or entries such as neural.synthesize=8/10/18 (a second / burst / at once)',
  });
  return z.NEVER;
});

export const config = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  STORE: z.string().describe('where canonical audio is kept: a folder, file:///… or s3://bucket/prefix'),
  PROVIDERS: list(z.enum(PROVIDERS, { error: `must be ${PROVIDERS.join(' or ')}` }))
    .prefault('local')
    .describe('whom this dispatcher may call; Polly costs money and is asked for by name'),
  POLLY_LOCAL_URL: url().prefault('http://127.0.0.1:8580').describe('where the local engine listens'),
  POLLY_REGION: z.string().prefault('us-east-1').describe('AWS region of Polly and of the task bucket'),
  QUOTAS: quotas
    .prefault('auto')
    .describe(
      'auto: Polly’s quotas for Polly, none for the local engine; off; polly; or single entries changed',
    ),
  CONCURRENCY: integer({ min: 1, max: 10_000 })
    .prefault('16')
    .describe('calls under way at once where no quota is kept'),
  TASK_BUCKET: z.string().optional().describe('bucket for tasks, which texts over 3,000 characters need'),
  TASK_STORE: z
    .string()
    .optional()
    .describe('the same bucket as a store; s3://TASK_BUCKET unless the local engine writes to a folder'),
  TASK_PREFIX: z.string().prefault('setlist/').describe('before the hash in the key prefix of every task'),
  TASK_POLL_EVERY: durationMs().prefault('2s').describe('how often tasks under way are listed'),
  CALL_TIMEOUT: durationMs().prefault('30s').describe('how long one call may take'),
  RETRY_FOR: durationMs()
    .prefault('1h')
    .describe('how long an item is tried again; waiting for quota does not count'),
  ACK_WAIT: durationMs().prefault('30s').describe('after this silence another replica gets the work'),
  AHEAD: integer({ min: 1, max: 1_000 })
    .prefault('64')
    .describe('items of a set and lane taken ahead of being paid'),
  COMPARE_EVERY: durationMs()
    .prefault('30s')
    .describe('how often open sets are compared with the lanes that exist'),
});

export type DispatcherConfig = z.output<typeof config>;
