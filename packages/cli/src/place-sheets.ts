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

/**
 * Yields each set as soon as its file is placed.
 * @throws FileChanged if a file has changed since it was checked
 * @throws the signal's reason before the next file, if it has aborted
 */
export async function* placeSheets(
  sheets: readonly SurveyedSheet[],
  inbox: string,
  options: RunOptions,
  signal: AbortSignal,
): AsyncGenerator<PlacedSet> {
  for (const sheet of sheets) {
    signal.throwIfAborted();
    const run = runId(new Date(), randomBytes(6));
    const { fileName, file, set } = sheet;
    await placeClaimed(inbox, { run, fileName, options }, contentOfFile(file));
    yield { setId: setId(set.name, run), name: set.name, sheet };
  }
}
