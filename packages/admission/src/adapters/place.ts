/** Hands a set file to the ingest that watches a folder, under a run id chosen by the caller. */
import { basename, join } from 'node:path';
import { writeWhole } from '@setlist/storage';
import { type Drop, dropOf } from '../domain/drop.ts';
import type { RunOptions } from '../domain/run-options.ts';

/** Name of the subfolder of a watched folder where such files are until ingest claims them. */
export const PLACED_FOLDER = '.placed';

/** A file to place; the caller chooses its run id (see `runId` of the contracts). */
export interface Placement {
  readonly run: string;
  readonly fileName: string;
  readonly options?: RunOptions;
}

/**
 * Puts a set file into an inbox atomically; a running ingest claims it at once. Run id and options are part of its name
 * there, so that a crash can't separate them from it.
 * @param content the file's bytes, at once or in pieces
 * @returns the drop that it becomes
 */
export async function placeClaimed(
  inbox: string,
  placement: Placement,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Drop> {
  const drop = dropOf(inbox, placement, basename(placement.fileName));
  await writeWhole(join(inbox, PLACED_FOLDER, drop.entry), content);
  return drop;
}
