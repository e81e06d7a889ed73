/**
 * The settings of the services inside the command. They come from the environment, as for a service on its own
 * (`SMTP_URL`, `STALL_AFTER`, `CONCURRENCY` …); options of the command line override them.
 */

import { join } from 'node:path';
import { type ConsoleSettings, consoleConfig } from '@setlist/console';
import type { Provider } from '@setlist/contracts';
import { dispatcherConfig } from '@setlist/dispatcher';
import { ingestConfig } from '@setlist/ingest';
import { type Choosable, channelTraits, type NotifierConfig, notifierConfig } from '@setlist/notifier';
import { type Environment, loadConfig } from '@setlist/runtime';
import { trackerConfig } from '@setlist/tracker';
import type { DataFolder } from './folder/data-folder.ts';

/** What the command line decides about a system. */
export interface SystemOptions {
  readonly provider: Provider;
  readonly compat: boolean;
  /** Where the audio goes: an absolute path or `s3://…`. */
  readonly output: string;
  /** What to watch: absolute folders and `s3://…`. Commands place files in the first folder. */
  readonly inboxes: readonly [string, ...string[]];
  /** `auto`, `off`, `polly` or entries, as in the dispatcher's QUOTAS. */
  readonly quotas: string;
  /** AWS region of Polly. */
  readonly region: string | undefined;
  /** The name of Polly's bucket for tasks; the local engine has its own. */
  readonly taskBucket: string | undefined;
  /** Undefined for no console. */
  readonly console: ConsoleOptions | undefined;
}

interface ConsoleOptions {
  /** Undefined for the usual port, or any other if that is taken. */
  readonly port: number | undefined;
}

export type { ConsoleSettings };

export interface Addresses {
  readonly broker: string;
  /** The local engine's address; undefined if it does not run. */
  readonly engine: string | undefined;
}

/** The bucket that the local engine's tasks write to; users need not name one. */
export const LOCAL_TASK_BUCKET = 'setlist-tasks';

/**
 * The redelivery timeout of the dispatcher's messages. A stopping dispatcher returns its messages, but here the broker
 * stops too and forgets that, so the next start gets them only after this timeout. It can be short: the data folder is
 * locked, so there is no other replica.
 */
const REDELIVERED_AFTER = '5s';

export const taskBucketOf = ({
  provider,
  taskBucket,
}: Pick<SystemOptions, 'provider' | 'taskBucket'>): string | undefined =>
  provider === 'local' ? LOCAL_TASK_BUCKET : taskBucket;

/** The channels that the notifier will have, with the traits by which it chooses among them. */
export function channelsOf({ SMTP_URL, MAIL_FOLDER, CHANNELS_FILE }: Environment): Choosable[] {
  const channels = channelTraits({ SMTP_URL, MAIL_FOLDER, CHANNELS_FILE });
  return channels.length > 0 ? channels : [{ name: 'folder' }];
}

/** The names of the channels that a set can name. */
export const channelNames = (env: Environment): string[] => channelsOf(env).map(({ name }) => name);

/** The notifier's settings. Without any channel, messages are written to the data folder. */
export const notifierSettings = (data: DataFolder, env: Environment): NotifierConfig =>
  loadConfig(notifierConfig, {
    ...env,
    MAIL_FOLDER: env.MAIL_FOLDER ?? ((env.SMTP_URL ?? env.CHANNELS_FILE) ? undefined : data.mail),
  });

/** The settings of all services. @throws Faults naming what is wrong in the environment */
export function serviceSettings(
  options: SystemOptions,
  data: DataFolder,
  { broker, engine }: Addresses,
  env: Environment,
) {
  const common = { ...env, NATS_URL: broker, STORE: data.store, ...taskSettings(options, data) };
  const ingest = loadConfig(ingestConfig, {
    ...common,
    INBOX: undefined,
    OUTPUT: options.output,
    PROVIDER: options.provider,
    COMPAT: String(options.compat),
    NOTIFY_CHANNELS: channelNames(env).join(','),
  });
  return {
    ingest: { ...ingest, INBOX: [...options.inboxes] },
    dispatcher: loadConfig(dispatcherConfig, {
      ...common,
      PROVIDERS: options.provider,
      POLLY_LOCAL_URL: engine,
      POLLY_REGION: options.region ?? env.POLLY_REGION ?? env.AWS_REGION,
      QUOTAS: options.quotas,
      ACK_WAIT: env.ACK_WAIT ?? REDELIVERED_AFTER,
    }),
    tracker: loadConfig(trackerConfig, common),
    console:
      options.console && consoleSettings(options, options.console, { ...common, POLLY_LOCAL_URL: engine }),
    notifier: notifierSettings(data, common),
  };
}

/** The console's settings; its checks and plans use the same values as ingest. */
function consoleSettings(
  { provider, compat, inboxes, quotas }: SystemOptions,
  { port }: ConsoleOptions,
  env: Environment,
): ConsoleSettings {
  const settings = loadConfig(consoleConfig, {
    ...env,
    INBOX: undefined,
    PROVIDER: provider,
    COMPAT: String(compat),
    QUOTAS: quotas,
    NOTIFY_CHANNELS: channelNames(env).join(','),
    ...(port === undefined ? {} : { CONSOLE_PORT: String(port) }),
  });
  return { ...settings, INBOX: [...inboxes] };
}

export type ServiceSettings = ReturnType<typeof serviceSettings>;

const taskSettings = (options: SystemOptions, data: DataFolder): Environment => ({
  TASK_BUCKET: taskBucketOf(options),
  TASK_STORE: options.provider === 'local' ? join(data.buckets, LOCAL_TASK_BUCKET) : undefined,
});
