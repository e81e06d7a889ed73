/** What the commands of the audit share: reaching the log and the set that is meant. */
import { join } from 'node:path';
import { type Moment, parseMoment } from '@setlist/audit';
import { countOf, runOfSet, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { refused } from '../../failure.ts';
import { findSet } from '../../follow/read-sets.ts';
import { noLog, noSuchSet } from '../../nothing-here.ts';
import type { Reach } from '../../output/text/told-command.ts';
import type { Surroundings } from '../../surroundings.ts';
import { type DataFolder, dataFolder } from '../../system/folder/data-folder.ts';
import { type OpenedLog, openLog } from '../../system/open-log.ts';

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
  { terminal, cwd }: Surroundings,
  command: string,
  signal?: AbortSignal,
): Promise<OpenedAudit> {
  const data = dataFolder(flags.data, cwd);
  const opened = await openLog({ data, server: flags.server, command, tell: terminal.say, signal });
  if (opened === undefined) throw noLog(data.path);
  return { opened, data };
}

/** The id of the set that is meant: of a set by its id even where its projection is gone. */
export async function setIdOf(log: EventLog, wanted: string, reach: Reach): Promise<string> {
  const found = await findSet(log, wanted);
  if (found) return found.setId;
  if (runOfSet(wanted) !== undefined && (await log.first(subjects.state(wanted)))) return wanted;
  throw noSuchSet(wanted, reach);
}

export function momentOf(text: string, what: string): Moment {
  const moment = parseMoment(text);
  if (moment) return moment;
  const remedy = 'Give a sequence such as 4711, or a time such as 2026-11-22T06:00:00Z.';
  throw refused(`${what} ${JSON.stringify(text)} is neither a sequence nor a time`, remedy);
}

/** What is said of a look at a time of which events are in archives. */
export const notShown = ({ events, upToSeq }: { events: number; upToSeq: number }): string =>
  `Not shown: what is in archives, ${countOf(events, 'event')} up to event ${upToSeq}.`;

/** Where snapshots are kept: caches, which may be deleted at any time. */
export const snapshotsFolder = (data: DataFolder): string => join(data.path, 'snapshots');
