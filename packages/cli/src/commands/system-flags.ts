/** Turns the flags of `run` and `up` into the options of the system that they start. */
import { doorOf, type KnownDoor } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import { dispatcherConfig } from '@setlist/dispatcher';
import type { Environment } from '@setlist/runtime';
import { refused } from '../failure.ts';
import { channelNames, type SystemOptions, taskBucketOf } from '../system/service-settings.ts';
import { bucketNamed } from './stores.ts';

/** The flags of `run` and `up` about the system that they start. */
export interface SystemFlags {
  readonly data: string;
  readonly provider: Provider;
  readonly compat?: boolean;
  readonly quotas?: string;
  readonly region?: string;
  readonly taskBucket?: string;
  /** False with --no-console. */
  readonly console?: boolean;
  readonly consolePort?: number;
}

export function systemOptions(
  flags: SystemFlags,
  { output, inboxes }: Pick<SystemOptions, 'output' | 'inboxes'>,
  env: Environment,
): SystemOptions {
  const { provider, compat = false, region, taskBucket, console = true, consolePort } = flags;
  return {
    provider,
    compat,
    quotas: quotasNamed(flags.quotas) ?? env.QUOTAS ?? 'auto',
    region,
    output,
    inboxes,
    console: console ? { port: consolePort } : undefined,
    taskBucket: bucketNamed(taskBucket, env),
  };
}

function quotasNamed(text: string | undefined): string | undefined {
  if (text === undefined || dispatcherConfig.shape.QUOTAS.safeParse(text).success) return text;
  throw refused(
    `--quotas ${JSON.stringify(text)} can't be read`,
    'Write auto, off, polly, or entries such as neural.synthesize=8/10/18 or poll=20/20, separated by commas: see docs/operations.md, Quota.',
  );
}

/** The door of a system started with these options. */
export const doorTo = (
  options: Pick<SystemOptions, 'provider' | 'taskBucket'>,
  env: Environment,
): KnownDoor =>
  doorOf({
    PROVIDER: options.provider,
    TASK_BUCKET: taskBucketOf(options),
    NOTIFY_CHANNELS: channelNames(env),
  });
