/** What the log takes on disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS_STREAM } from '@setlist/contracts';

/** Bytes of the log's files, wherever below its store the server keeps them. */
export function logBytes(storeDir: string): number {
  const entries = readdirSync(storeDir, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isDirectory() && entry.name === EVENTS_STREAM);
  if (!found) throw new Error(`there is no ${EVENTS_STREAM} below ${storeDir}`);
  return bytesIn(join(found.parentPath, found.name));
}

/** A file that goes while we look counts nothing. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}
