/** The engine's settings, all from the environment. */
import { availableParallelism } from 'node:os';
import { QUOTA_FORMS, readQuotas } from '@setlist/polly';
import { address, baseConfig, integer, port, readAs, url } from '@setlist/runtime';
import { z } from 'zod';

export const pollyLocalConfig = z
  .object({
    ...baseConfig,
    LISTEN_HOST: address().prefault('127.0.0.1').describe("the address that Polly's API listens on"),
    LISTEN_PORT: port()
      .prefault('8580')
      .describe('its port; 0 picks a free one, which the log and PORT_FILE then name'),
    PORT_FILE: z.string().optional().describe('a file to write the port to once the engine listens'),
    ENGINE: z
      .enum(['espeak', 'instant'], { error: 'must be espeak or instant' })
      .prefault('espeak')
      .describe(
        'espeak synthesizes speech; instant answers every text with the same short tone, for benchmarks',
      ),
    WORKERS: integer({ min: 1, max: 256 })
      .prefault(String(availableParallelism()))
      .describe('speech threads; by default one for each core'),
    QUOTAS: readAs(readQuotas, QUOTA_FORMS)
      .prefault('off')
      .describe(
        'off or auto: none; polly: those of a new account; or entries that change some of these, such as neural.synthesize=20/25/40 (per second / burst / at once) or poll=20/20 (looking for tasks)',
      ),
    STATE_DIR: z
      .string()
      .optional()
      .describe('a folder for tasks and lexicons; without it they are lost when the process ends'),
    AWS_REGION: z.string().prefault('us-east-1').describe('the region in ARNs of replies, and of S3 and SNS'),
    TASK_OUTPUT_DIR: z.string().optional().describe('tasks write to <folder>/<bucket>/<key>'),
    S3_ENDPOINT: url().optional().describe('tasks write to the buckets of this S3 API'),
    SNS_ENDPOINT: url()
      .optional()
      .describe('the SNS API that notifies the topics of tasks; without it topics are refused'),
    FAULT_THROTTLE: share()
      .prefault('0')
      .describe('share of calls answered with ThrottlingException, 0 to 1'),
    FAULT_5XX: share().prefault('0').describe('share of calls answered with ServiceFailureException, 0 to 1'),
    FAULT_CUT: share().prefault('0').describe('share of audio that ends half way, 0 to 1'),
    FAULT_LATENCY_MS: range()
      .prefault('0')
      .describe('milliseconds by which every call is delayed: 200, or a range: 0-2000'),
    FAULT_SEED: integer()
      .prefault('1')
      .describe('seed of the random faults: the same seed gives the same faults'),
  })
  .refine(({ TASK_OUTPUT_DIR, S3_ENDPOINT }) => TASK_OUTPUT_DIR === undefined || S3_ENDPOINT === undefined, {
    path: ['TASK_OUTPUT_DIR'],
    error: 'cannot be set together with S3_ENDPOINT: tasks write to one place',
  });
export type PollyLocalConfig = z.output<typeof pollyLocalConfig>;

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
