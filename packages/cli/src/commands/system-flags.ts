/** From what `run` and `up` are told to the options of the system that they start. */
import { resolve } from 'node:path';
import type { KnownDoor } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import type { Environment } from '@setlist/runtime';
import { refused } from '../failure.ts';
import { channelNames, hasTaskBucket, type SystemOptions } from '../system/service-settings.ts';

/** What `run` and `up` are told about the system they start. */
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

export interface Folders {
  /** A path or `s3://…`. */
  readonly output: string;
  readonly inboxes: SystemOptions['inboxes'];
}

export function systemOptions(
  flags: SystemFlags,
  { output, inboxes }: Folders,
  env: Environment,
): SystemOptions {
  const { provider, compat = false, region, taskBucket, console = true, consolePort } = flags;
  return {
    provider,
    compat,
    quotas: flags.quotas ?? (env.QUOTAS || 'auto'),
    region,
    output,
    inboxes,
    console: console ? { port: consolePort } : undefined,
    taskBucket: bucketName(taskBucket ?? (env.TASK_BUCKET || undefined)),
  };
}

export const doorOf = (options: SystemOptions, env: Environment): KnownDoor => ({
  provider: options.provider,
  hasTaskBucket: hasTaskBucket(options),
  channels: channelNames(env),
});

/** An address of a store as it is, a path from the working folder. */
export const storeAddress = (address: string, cwd: string): string =>
  /^[a-z][a-z0-9+.-]+:/i.test(address) ? address : resolve(cwd, address);

export function bucketName(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const name = /^(?:s3:\/\/)?([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(text)?.[1];
  if (name !== undefined) return name;
  throw refused(
    `${JSON.stringify(text)} is no bucket`,
    'Write its name, or s3://name, without a folder in it.',
  );
}
