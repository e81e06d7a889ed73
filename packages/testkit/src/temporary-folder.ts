/** A test's own folder, deleted with everything in it when the test ends. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  /** Absolute and free of symbolic links. */
  readonly path: string;
}

/** Creates an empty folder in the system's temporary folder. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'setlist-test-'));
  return {
    path,
    // A process that is just ending can still write here: deletion is retried for a second.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 4, retryDelay: 100 }),
  };
}
