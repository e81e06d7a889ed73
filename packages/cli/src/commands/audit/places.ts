/** What the audit commands share: opening the log and finding the set. */
import { join } from 'node:path';
import { formerArchive, type Holds, type Moment, parseMoment } from '@setlist/audit';
import { countOf, runOfSet, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { refused } from '../../failure.ts';
import { findSet } from '../../follow/read-sets.ts';
import { noLog, noSuchSet } from '../../not-found-errors.ts';
import type { Reach } from '../../output/text/told-command.ts';
import type { Surroundings } from '../../surroundings.ts';
import type { DataFolder } from '../../system/folder/data-folder.ts';
import { logPlace, type OpenedLog, openLog } from '../../system/open-log.ts';

/** Opens the log of a running system, or the one the last system left. @throws CommandFailed if there is none */
export async function openedLog(
  flags: Reach,
  here: Surroundings,
  command: string,
  signal?: AbortSignal,
): Promise<OpenedLog> {
  const place = logPlace(flags, here, command, signal);
  const opened = await openLog(place);
  if (opened === undefined) throw noLog(place.data.path);
  return opened;
}

/** The id of the wanted set. An id is found even if the set's projection is gone. */
export async function setIdOf(log: EventLog, wanted: string, reach: Reach): Promise<string> {
  const found = await findSet(log, wanted);
  if (found) return found.setId;
  if (runOfSet(wanted) !== undefined && (await log.first(subjects.state(wanted)))) return wanted;
  throw noSuchSet(wanted, reach);
}

/**
 * What a new archive of the set has to hold at least: as much as the archive that it replaces.
 * @throws CommandFailed (2) if there is something else in its place
 */
export async function leastAt(file: string, way: Parameters<typeof formerArchive>[1]): Promise<Holds> {
  const former = await formerArchive(file, way);
  if (former === undefined) {
    throw refused(
      `${file} is not an archive of the first events of ${way.setId} in the log: it is damaged, of another set, or has more events`,
      'Move it away first: nothing was changed.',
    );
  }
  return former;
}

export function momentOf(text: string, what: string): Moment {
  const moment = parseMoment(text);
  if (moment) return moment;
  const remedy = 'Write an event number such as 4711, or a time such as 2026-11-22T06:00:00Z.';
  throw refused(`${what} ${JSON.stringify(text)} is neither an event number nor a time`, remedy);
}

/** The note for a look at a time whose events are partly in archives. */
export const notShown = ({ events, upToSeq }: { events: number; upToSeq: number }): string =>
  `Not shown: ${countOf(events, 'archived event')} up to event ${upToSeq}.`;

/** The folder of the snapshots, which are caches and can be deleted at any time. */
export const snapshotsFolder = (data: DataFolder): string => join(data.path, 'snapshots');
