/** The layout of the data folder, by default `.setlist/`. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { refused } from '../../failure.ts';

export interface DataFolder {
  readonly path: string;
  /** The broker's store: the log and everything derived from it. */
  readonly broker: string;
  /** Canonical audio, and copies of set files. */
  readonly store: string;
  /** The local engine's lexicons and tasks. */
  readonly engine: string;
  /** Where the local engine's tasks write, a folder for each bucket. */
  readonly buckets: string;
  /** Where `run` places its files. */
  readonly inbox: string;
  /** Messages, if no mail server is set. */
  readonly mail: string;
  readonly logs: string;
  readonly brokerLog: string;
  /** The note that says how to reach a running system. */
  readonly note: string;
}

export const DEFAULT_DATA = '.setlist';

/** Whether it is an address such as `s3://bucket`, which as a path would name a folder called `s3:`. */
export const isUrl = (path: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(path);

/** @throws CommandFailed (2) if the path can't be a folder */
export function dataFolder(path: string, cwd: string): DataFolder {
  if (isUrl(path)) {
    throw refused(
      `--data ${path} is not a folder on this machine`,
      'Name a folder on a disk, for the log. Audio can go to a bucket, with --out or --outbox.',
    );
  }
  const root = resolve(cwd, path);
  if (statSync(root, { throwIfNoEntry: false })?.isFile())
    throw refused(`--data ${root} is a file`, 'Name a folder; it is created if it is missing.');
  const at = (name: string) => join(root, name);
  return {
    path: root,
    broker: at('broker'),
    store: at('store'),
    engine: at('engine'),
    buckets: at('buckets'),
    inbox: at('inbox'),
    mail: at('mail'),
    logs: at('logs'),
    brokerLog: at('logs/nats-server.log'),
    note: at('system.json'),
  };
}
