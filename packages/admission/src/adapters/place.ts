/** Hands a set file to the ingest that watches a folder, under a run id chosen by the caller, and takes it back. */
import { readdir, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { orGone } from '@setlist/runtime';
import { writeWhole } from '@setlist/storage';
import { type Drop, dropOf, dropOfEntry } from '../domain/drop.ts';
import type { RunOptions } from '../domain/run-options.ts';

/** Name of the subfolder of a watched folder where such files are until ingest claims them. */
export const PLACED_FOLDER = '.placed';

/** Name of the subfolder where ingest has the files that it works on. */
export const CLAIMED_FOLDER = '.claimed';

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
export async function placeSetFile(
  inbox: string,
  placement: Placement,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Drop> {
  const drop = dropOf(inbox, placement, basename(placement.fileName));
  await writeWhole(join(inbox, PLACED_FOLDER, drop.entry), content);
  return drop;
}

/** The files in an inbox that ingest has not done with, placed or claimed. */
export async function undoneDrops(inbox: string): Promise<Drop[]> {
  // In the order in which a file moves: it can be found twice, but not be missed.
  const placed = await orGone(readdir(join(inbox, PLACED_FOLDER)));
  const claimed = await orGone(readdir(join(inbox, CLAIMED_FOLDER)));
  const entries = new Set([...(placed ?? []), ...(claimed ?? [])]);
  return [...entries].flatMap((entry) => dropOfEntry(inbox, entry) ?? []);
}

/** Removes a file from the inbox again. No ingest may be watching it. */
export async function takeBack({ inbox, entry }: Drop): Promise<void> {
  for (const folder of [PLACED_FOLDER, CLAIMED_FOLDER]) await orGone(unlink(join(inbox, folder, entry)));
}
