/** Places checked set files in an inbox, each under its own run id and with the run's options. */
import { randomBytes } from 'node:crypto';
import { contentOfFile, placeClaimed, type RunOptions } from '@setlist/admission';
import { runId, setId } from '@setlist/contracts';
import type { SurveyedSheet } from './set-files.ts';

export interface PlacedSet {
  readonly setId: string;
  readonly name: string;
  readonly sheet: SurveyedSheet;
}

/** @throws FileChanged if a file has changed since it was checked */
export async function placeSheets(
  sheets: readonly SurveyedSheet[],
  inbox: string,
  options: RunOptions,
): Promise<PlacedSet[]> {
  const placed: PlacedSet[] = [];
  for (const sheet of sheets) {
    const run = runId(new Date(), randomBytes(6));
    const { fileName, file, set } = sheet;
    await placeClaimed(inbox, { run, fileName, options }, contentOfFile(file));
    placed.push({ setId: setId(set.name, run), name: set.name, sheet });
  }
  return placed;
}
