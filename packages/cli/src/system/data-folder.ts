/** What lies where in the data folder, `.setlist/` unless told otherwise. */
import { join, resolve } from 'node:path';

export interface DataFolder {
  readonly path: string;
  /** The broker's store: the log and everything that follows from it. */
  readonly broker: string;
  /** Canonical audio and kept set files. */
  readonly store: string;
  /** The local engine's lexicons and tasks. */
  readonly engine: string;
  /** Where the local engine's tasks write, a folder for each bucket. */
  readonly buckets: string;
  /** Where `run` places its files. */
  readonly inbox: string;
  /** Messages, where no mail server is set. */
  readonly mail: string;
  readonly logs: string;
  /** How a running system is reached. */
  readonly note: string;
}

export const DEFAULT_DATA = '.setlist';

export function dataFolder(path: string, cwd: string): DataFolder {
  const root = resolve(cwd, path);
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
    note: at('system.json'),
  };
}
