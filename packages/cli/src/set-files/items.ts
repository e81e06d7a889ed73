/** Reads the items of a checked set file again, so that they need not be kept. */
import { type LocalFile, openSetFile } from '@setlist/admission';
import type { ParsedItem } from '@setlist/set-file';

/** A checked file, and its name without folders. */
export interface NamedFile {
  readonly file: LocalFile;
  readonly fileName: string;
}

/** The items in batches. @throws FileChanged */
export async function* itemsOf(
  { file, fileName }: NamedFile,
  compat: boolean,
): AsyncGenerator<readonly ParsedItem[]> {
  await using open = await openSetFile(file, { fileName, compat });
  yield* open.items();
}
