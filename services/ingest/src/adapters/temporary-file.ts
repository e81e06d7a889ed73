/** Set files while this process reads them: in the system's temporary folder, with a remedy if it can't hold them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '@setlist/runtime';

/** The system's temporary folder is read-only, full or missing. */
class TemporaryFolderUnusable extends Error {
  override readonly name = 'TemporaryFolderUnusable';
  readonly code = 'temporary-folder-unusable';
  readonly remedy =
    `Make ${tmpdir()} writable and large enough, or name another folder in TMPDIR: set files are read there.`;
}

/** Makes a folder of this process. @throws TemporaryFolderUnusable */
export async function temporaryFolder(prefix: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), prefix));
  } catch (error) {
    throw withRemedy(error);
  }
}

/** Writes a file into such a folder, or leaves nothing of it. Throws a {@link TemporaryFolderUnusable}, or the error of `pieces` as it is. */
export async function writeTemporary(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, pieces);
  } catch (error) {
    // While it waits for room, another file may fit.
    await rm(path, { force: true });
    throw withRemedy(error);
  }
}

/** Only the file system's own errors name a call: a store translates those that it gets. */
const withRemedy = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new TemporaryFolderUnusable(`no set file can be read in ${tmpdir()}: ${messageOf(error)}`, {
        cause: error,
      })
    : error;
