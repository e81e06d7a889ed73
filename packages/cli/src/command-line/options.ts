/** Options that several commands share, each defined once. */
import { PROVIDERS } from '@setlist/contracts';
import { InvalidArgumentError, Option } from 'commander';
import { DEFAULT_DATA, isUrl } from '../system/folder/data-folder.ts';

/** Refuses the empty text that an unset variable leaves of `--out "$OUT"`: it would mean the working folder. */
export function notEmpty(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty; is a shell variable unset?');
}

/** For what is written to or read from a disk of this machine only. */
export function diskPath(text: string): string {
  if (!isUrl(text)) return notEmpty(text);
  throw new InvalidArgumentError(
    'It is not on a disk of this machine: name a path here, and copy from or to it with any tool.',
  );
}

export const dataOption = () =>
  new Option('--data <dir>', 'the data folder: log, stored audio and messages')
    .argParser(notEmpty)
    .default(DEFAULT_DATA);
export const compatOption = () =>
  new Option(
    '--compat',
    'accept with a warning what amazon-polly-async-batch accepted, and leave the verdict to Polly',
  );
export const jsonOption = (what: string) => new Option('--json', what);
/** Each command has its own description of the provider. */
export const providerOption = (who: string) => new Option('--provider <name>', who).choices([...PROVIDERS]);
export const quotasOption = () =>
  new Option(
    '--quotas <what>',
    'limits on the rate of calls: auto (Polly’s default quotas for Polly, none for the local engine; the default), off (not for Polly), polly, or entries such as neural.synthesize=8/10/18 or poll=20/20 (QUOTAS)',
  ).argParser(notEmpty);
export const regionOption = () =>
  new Option(
    '--region <name>',
    'the AWS region of Polly and of the task bucket (POLLY_REGION, AWS_REGION)',
  ).argParser(notEmpty);
export const taskBucketOption = (
  what = 'the S3 bucket that Polly needs for texts over 3,000 characters (TASK_BUCKET)',
) => new Option('--task-bucket <bucket>', what).argParser(notEmpty);
export const noConsoleOption = () =>
  new Option('--no-console', 'don’t start the console, the web page to watch and steer sets');
export const consolePortOption = () =>
  new Option(
    '--console-port <port>',
    'the console’s port; by default 8581, or any free port if that is taken (CONSOLE_PORT)',
  )
    .conflicts('console')
    .argParser((text) => {
      const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
      if (port <= 65_535) return port;
      throw new InvalidArgumentError('Write a port number, or 0 for any free port.');
    });
export const serverOption = () =>
  new Option(
    '--server <url>',
    'the broker of a system on another machine: nats://host:4222, nats://user:password@host:4222 or nats://token@host:4222; files that it asks for: NATS_CREDS, NATS_NKEY, NATS_CERT and NATS_KEY, NATS_CA',
  ).argParser(notEmpty);
const STORE_PLACE =
  'where canonical audio is stored: a folder, or s3://bucket/prefix; by default in the data folder';
export const storeOption = () => new Option('--store <place>', STORE_PLACE).argParser(notEmpty);
/** For commands that also read it from the environment. */
export const auditedStoreOption = () =>
  new Option('--store <place>', `${STORE_PLACE}, or with --server the variable STORE`).argParser(notEmpty);
export const yesOption = () => new Option('--yes', 'don’t ask for confirmation');
