/** Hands a set file to whoever watches a folder, under a run id that the one who hands it over has chosen. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Drop, dropOf } from '../domain/drop.ts';
import type { RunOptions } from '../domain/run-options.ts';

/** Where in a watched folder such files lie until ingest claims them. */
export const PLACED_FOLDER = '.placed';

/** What is placed, under a run id that the caller has chosen (see `runId` of the contracts). */
export interface Placement {
  readonly run: string;
  readonly fileName: string;
  readonly options?: RunOptions;
}

/**
 * Puts a set file into an inbox, whole or not at all; a running ingest claims it at once. Run id and options go into its
 * name there, so that no crash parts them from it.
 * @param content its bytes, all of them or in pieces
 * @returns the drop that it becomes
 */
export async function placeClaimed(
  inbox: string,
  placement: Placement,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Drop> {
  const drop = dropOf(inbox, placement, basename(placement.fileName));
  const folder = join(inbox, PLACED_FOLDER);
  const unfinished = join(folder, `.${drop.run}`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(unfinished, content, { flush: true });
    await rename(unfinished, join(folder, drop.entry));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return drop;
}
