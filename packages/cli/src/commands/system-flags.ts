/** Turns the flags of `run` and `up` into the options of the system that they start. */
import { resolve } from 'node:path';
import { doorOf, type KnownDoor } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import { dispatcherConfig } from '@setlist/dispatcher';
import type { Environment } from '@setlist/runtime';
import { openStore, StoreError } from '@setlist/storage';
import { refused } from '../failure.ts';
import { channelNames, type SystemOptions, taskBucketOf } from '../system/service-settings.ts';

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
    'Write auto, off, polly, or entries such as neural.synthesize=8/10/18, separated by commas: see docs/operations.md, Quota.',
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

/** The address of the store that an option or argument names. @throws CommandFailed (2) if it can't be a store */
export function storeNamed(option: string, address: string, cwd: string): string {
  const place = storeAddress(address, cwd);
  try {
    openStore(place);
    return place;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw refused(`${option}: ${error.message}`, error.remedy);
  }
}

/** The store's address: a URL as it is, a path made absolute from the working folder. */
export const storeAddress = (address: string, cwd: string): string =>
  /^[a-z][a-z0-9+.-]+:/i.test(address) ? address : resolve(cwd, address);

/** The bucket that the option or TASK_BUCKET names. @throws CommandFailed (2) if it is not a bucket name */
export function bucketNamed(option: string | undefined, env: Environment): string | undefined {
  const text = option ?? env.TASK_BUCKET;
  if (text === undefined) return undefined;
  const name = /^(?:s3:\/\/)?([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(text)?.[1];
  if (name !== undefined) return name;
  throw refused(
    `${JSON.stringify(text)} is not a bucket name`,
    'Write the bucket’s name, or s3://name, without a folder.',
  );
}
