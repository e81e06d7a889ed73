/** A folder of a test's own, gone with everything in it when the test ends. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  /** Absolute and free of symbolic links. */
  readonly path: string;
}

/** Makes an empty folder under the system's own folder for temporary files. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'setlist-test-'));
  return {
    path,
    // A process that is just ending may still write here: removing is tried again for a second.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 4, retryDelay: 100 }),
  };
}
