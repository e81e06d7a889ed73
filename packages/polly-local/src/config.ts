/** The engine's settings, all from the environment. */
import { availableParallelism } from 'node:os';
import { address, baseConfig, integer, port, readAs, url } from '@setlist/runtime';
import { z } from 'zod';
import { POLLY_QUOTAS, type QuotaTable } from './quotas.ts';

export const pollyLocalConfig = z
  .object({
    ...baseConfig,
    LISTEN_HOST: address().prefault('127.0.0.1').describe("the address that Polly's API listens on"),
    LISTEN_PORT: port()
      .prefault('8580')
      .describe('its port; 0 takes any free one, which the log and PORT_FILE then name'),
    PORT_FILE: z.string().optional().describe('a file to write the port to once the engine listens'),
    ENGINE: z
      .enum(['espeak', 'instant'], { error: 'must be espeak or instant' })
      .prefault('espeak')
      .describe('espeak speaks; instant answers every text with the same short tone, for benchmarks'),
    WORKERS: integer({ min: 1, max: 256 })
      .prefault(String(availableParallelism()))
      .describe('threads that speak; as many as there are cores'),
    QUOTAS: quotas()
      .prefault('off')
      .describe('off, polly (those of a new account), or JSON that changes some of these'),
    STATE_DIR: z
      .string()
      .optional()
      .describe('a folder for tasks and lexicons; without it they end with the process'),
    AWS_REGION: z
      .string()
      .prefault('us-east-1')
      .describe('the region that names in replies show, and where S3 and SNS are'),
    TASK_OUTPUT_DIR: z.string().optional().describe('tasks write to <folder>/<bucket>/<key>'),
    S3_ENDPOINT: url().optional().describe('tasks write to the buckets of this S3 API'),
    SNS_ENDPOINT: url()
      .optional()
      .describe('where the topics of tasks are told; without it a topic is refused'),
    FAULT_THROTTLE: share()
      .prefault('0')
      .describe('share of calls answered with ThrottlingException, 0 to 1'),
    FAULT_5XX: share().prefault('0').describe('share of calls answered with ServiceFailureException, 0 to 1'),
    FAULT_CUT: share().prefault('0').describe('share of audio that ends half way, 0 to 1'),
    FAULT_LATENCY_MS: range()
      .prefault('0')
      .describe('milliseconds that every call waits: 200, or between two: 0-2000'),
    FAULT_SEED: integer().prefault('1').describe('what chance begins with: the same seed, the same faults'),
  })
  .refine(({ TASK_OUTPUT_DIR, S3_ENDPOINT }) => TASK_OUTPUT_DIR === undefined || S3_ENDPOINT === undefined, {
    path: ['TASK_OUTPUT_DIR'],
    error: 'cannot be set together with S3_ENDPOINT: tasks write to one place',
  });
export type PollyLocalConfig = z.output<typeof pollyLocalConfig>;

const quotaSchema = z.strictObject({
  rps: z.number().positive(),
  burst: z.number().min(1),
  concurrency: z.int().min(1).optional(),
});

/** `{"SynthesizeSpeech/neural": {"rps": 20, "burst": 20, "concurrency": 40}}` over Polly's own. */
function quotas() {
  const names = Object.keys(POLLY_QUOTAS);
  return z.string().transform((text, context): QuotaTable => {
    if (text === 'off') return {};
    if (text === 'polly') return POLLY_QUOTAS;
    const parsed = z.partialRecord(z.enum(names), quotaSchema).safeParse(jsonOf(text));
    if (parsed.success) return { ...POLLY_QUOTAS, ...withoutUndefined(parsed.data) };
    const message = `must be off, polly, or JSON such as {"SynthesizeSpeech/neural":{"rps":20,"burst":20}} with names of ${names.join(', ')}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function withoutUndefined(table: Partial<Record<string, z.output<typeof quotaSchema>>>): QuotaTable {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, quota]) => {
      if (!quota) return [];
      const { rps, burst, concurrency } = quota;
      return [[name, { rps, burst, ...(concurrency !== undefined && { concurrency }) }]];
    }),
  );
}

/** undefined, which no schema of ours accepts, for what isn't JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function share() {
  return readAs((text) => {
    const value = Number(text);
    return text !== '' && value >= 0 && value <= 1 ? value : undefined;
  }, 'must be a share from 0 to 1, such as 0.5');
}

function range() {
  return readAs((text): [least: number, most: number] | undefined => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(text);
    const [least, most] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    return match && least <= most ? [least, most] : undefined;
  }, 'must be milliseconds, or a range of them such as 0-2000');
}
