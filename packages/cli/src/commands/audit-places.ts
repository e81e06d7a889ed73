/** What the commands of the audit share: reaching the log, the set that is meant, and the stores by their addresses. */
import { join } from 'node:path';
import { type Moment, parseMoment } from '@setlist/audit';
import { countOf, runOfSet, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { loadConfig } from '@setlist/runtime';
import { type ObjectStore, storeOptionsOf, storesByUri } from '@setlist/storage';
import { trackerConfig } from '@setlist/tracker';
import { missing, refused } from '../failure.ts';
import { findSet } from '../follow/read-sets.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DataFolder, dataFolder } from '../system/data-folder.ts';
import { type OpenedLog, openLog } from '../system/open-log.ts';
import { storeAddress } from './system-flags.ts';

export interface LogFlags {
  readonly data: string;
  readonly server?: string;
}

export interface OpenedAudit {
  readonly opened: OpenedLog;
  readonly data: DataFolder;
}

/** The log of a running system, or of what the last one left. @throws CommandFailed where there is none */
export async function openedLog(
  flags: LogFlags,
  cwd: string,
  command: string,
  signal?: AbortSignal,
): Promise<OpenedAudit> {
  const data = dataFolder(flags.data, cwd);
  const opened = await openLog({ data, server: flags.server, command, signal });
  if (opened === undefined) {
    throw missing(
      `there is no log in ${data.path} yet`,
      'Name the data folder with --data, or a broker with --server.',
    );
  }
  return { opened, data };
}

/** The id of the set that is meant: of a set by its id even where its projection is gone. */
export async function setIdOf(log: EventLog, wanted: string): Promise<string> {
  const found = await findSet(log, wanted);
  if (found) return found.setId;
  if (runOfSet(wanted) !== undefined && (await log.first(subjects.state(wanted)))) return wanted;
  throw refused(
    `there is no set ${JSON.stringify(wanted)} here`,
    '"setlist status" lists those there are, by id.',
  );
}

export function momentOf(text: string, what: string): Moment {
  const moment = parseMoment(text);
  if (moment) return moment;
  const remedy = 'Give a sequence such as 4711, or a time such as 2026-11-22T06:00:00Z.';
  throw refused(`${what} ${JSON.stringify(text)} is no moment`, remedy);
}

/** What is said of a look at a time of which events are in archives. */
export const notShown = ({ events, upToSeq }: { events: number; upToSeq: number }): string =>
  `Not shown: what is in archives, ${countOf(events, 'event')} up to event ${upToSeq}.`;

/** Where snapshots are kept: caches, which may be deleted at any time. */
export const snapshotsFolder = (data: DataFolder): string => join(data.path, 'snapshots');

export interface Stores {
  /** An `s3://…` address, or a path from the working folder. */
  readonly at: (address: string) => ObjectStore;
  /** Whether the tracker writes manifests here. */
  readonly manifests: boolean;
}

/** Stores as the environment reaches them (`S3_ENDPOINT` and so on), each opened once. */
export function storesFrom({ env, cwd }: Pick<Surroundings, 'env' | 'cwd'>): Stores {
  const { MANIFESTS: manifests, ...settings } = loadConfig(trackerConfig, { ...env, HTTP_PORT: undefined });
  const storeAt = storesByUri(storeOptionsOf(settings));
  return { at: (place) => storeAt(storeAddress(place, cwd)), manifests };
}
