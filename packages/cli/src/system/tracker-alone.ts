/** A tracker beside a broker that was started alone: it decides what a set is told where no system runs, and nothing is paid. */
import type { Environment } from '@setlist/runtime';
import { loadConfig } from '@setlist/runtime';
import { createTracker, trackerConfig } from '@setlist/tracker';
import type { DataFolder } from './data-folder.ts';
import { openServiceLog } from './service-log.ts';

export interface TrackerPlace {
  readonly data: DataFolder;
  readonly env: Environment;
  readonly servers: string;
  readonly tell: (message: string) => void;
}

/** Disposing of it writes what has changed: projections, and the manifest of a set that was cancelled. */
export async function startTrackerAlone({
  data,
  env,
  servers,
  tell,
}: TrackerPlace): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const log = stack.use(openServiceLog(data.logs, tell));
  const settings = loadConfig(trackerConfig, { ...env, NATS_URL: servers, STORE: data.store });
  const tracker = createTracker(settings, { logger: log.logger('tracker') });
  stack.defer(() => tracker.stop());
  await tracker.start();
  // What the broker has answered comes after what it was told before: that somebody listens for commands.
  await tracker.check();
  return stack.move();
}
