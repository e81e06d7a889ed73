/** Options that several commands share, each spelt and explained once. */
import { PROVIDERS } from '@setlist/contracts';
import { InvalidArgumentError, Option } from 'commander';
import { DEFAULT_DATA } from '../system/folder/data-folder.ts';

/** What an unset shell variable leaves of `--out "$OUT"` is no wish for the working folder. */
export function notEmpty(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty: perhaps a variable is not set.');
}

export const dataOption = () =>
  new Option('--data <dir>', 'where a system keeps its log, the audio known so far and its messages')
    .argParser(notEmpty)
    .default(DEFAULT_DATA);
export const compatOption = () =>
  new Option(
    '--compat',
    'accept what amazon-polly-async-batch let through and Polly itself will judge, with a warning',
  );
export const jsonOption = (what: string) => new Option('--json', what);
/** Who that is has to be said differently by each command. */
export const providerOption = (who: string) => new Option('--provider <name>', who).choices([...PROVIDERS]);
export const quotasOption = () =>
  new Option(
    '--quotas <what>',
    'how fast to ask: auto, which is the default (Polly: its default quotas, local engine: none), off, polly, or entries such as neural.synthesize=8/10/18 (QUOTAS)',
  ).argParser(notEmpty);
export const regionOption = () =>
  new Option(
    '--region <name>',
    'AWS region of Polly and of the task bucket (POLLY_REGION, AWS_REGION)',
  ).argParser(notEmpty);
export const taskBucketOption = (
  what = 'with Polly: the S3 bucket through which texts over 3,000 characters come (TASK_BUCKET)',
) => new Option('--task-bucket <bucket>', what).argParser(notEmpty);
export const noConsoleOption = () =>
  new Option('--no-console', 'without the console, the page on which it is watched and steered');
export const consolePortOption = () =>
  new Option(
    '--console-port <port>',
    'where the console listens; else on 8581, or any free port where that is taken (CONSOLE_PORT)',
  )
    .conflicts('console')
    .argParser((text) => {
      const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
      if (port <= 65_535) return port;
      throw new InvalidArgumentError('Write a port, or 0 for any free one.');
    });
export const serverOption = () =>
  new Option(
    '--server <url>',
    'the broker of a system elsewhere: nats://host:4222, nats://user:password@host:4222 or nats://token@host:4222',
  ).argParser(notEmpty);
const STORE_PLACE =
  'where canonical audio is kept: a folder, or s3://bucket/prefix; that of the data folder unless given';
export const storeOption = () => new Option('--store <place>', STORE_PLACE).argParser(notEmpty);
/** For commands that take it from the environment as well. */
export const auditedStoreOption = () =>
  new Option('--store <place>', `${STORE_PLACE}; with --server STORE unless given`).argParser(notEmpty);
export const yesOption = () => new Option('--yes', 'don’t ask before it is done');
