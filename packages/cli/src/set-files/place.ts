/** Places checked set files in an inbox, each under its own run id and with the run's options, and takes them back. */
import { randomBytes } from 'node:crypto';
import {
  contentOfFile,
  type Drop,
  placeSetFile,
  type RunOptions,
  takeBack,
  undoneDrops,
} from '@setlist/admission';
import { runId, runOfSet, setId, setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { SurveyedSetFile } from './check.ts';

export interface PlacedSet {
  readonly setId: string;
  readonly name: string;
  readonly setFile: SurveyedSetFile;
}

/**
 * Yields each set as soon as its file is placed.
 * @throws FileChanged if a file has changed since it was checked
 * @throws the signal's reason before the next file, if it has aborted
 */
export async function* placeSetFiles(
  setFiles: readonly SurveyedSetFile[],
  inbox: string,
  options: RunOptions,
  signal: AbortSignal,
): AsyncGenerator<PlacedSet> {
  for (const setFile of setFiles) {
    signal.throwIfAborted();
    const run = runId(new Date(), randomBytes(6));
    const { fileName, file, set } = setFile;
    await placeSetFile(inbox, { run, fileName, options }, contentOfFile(file));
    yield { setId: setId(set.name, run), name: set.name, setFile };
  }
}

/**
 * Takes back what `setlist run` placed and no set has begun with: the next start could have another provider, limit or
 * output. No ingest may be running, so that none of it begins meanwhile.
 * @param onTaken called before they are gone, unless there are none
 * @returns what was taken back
 */
export async function takeBackUnbegun(
  inbox: string,
  log: Pick<EventLog, 'read'>,
  onTaken?: (drops: readonly Drop[]) => void,
): Promise<Drop[]> {
  const undone = (await undoneDrops(inbox)).filter(({ options }) => options.byRun);
  if (undone.length === 0) return [];
  const begun = new Set<string | undefined>();
  const lives = log.read({ subjects: [subjects.state('*')], from: 'last-of-each-subject' });
  for await (const { subject } of lives) begun.add(runOfSet(setOfSubject(subject)));
  const unbegun = undone.filter(({ run }) => !begun.has(run));
  if (unbegun.length > 0) onTaken?.(unbegun);
  for (const drop of unbegun) await takeBack(drop);
  return unbegun;
}
