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
export interface TrackerAlone extends AsyncDisposable {
  /** Rejects when it can't go on. */
  readonly failed: Promise<never>;
}

export async function startTrackerAlone({ data, env, servers, tell }: TrackerPlace): Promise<TrackerAlone> {
  await using stack = new AsyncDisposableStack();
  const log = stack.use(openServiceLog(data.logs, tell));
  const settings = loadConfig(trackerConfig, { ...env, NATS_URL: servers, STORE: data.store });
  const tracker = createTracker(settings, { logger: log.logger('tracker') });
  stack.defer(() => tracker.stop());
  const { done } = await tracker.start();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  done.catch(failed.reject);
  // What the broker has answered comes after what it was told before: that somebody listens for commands.
  await Promise.race([tracker.check(), failed.promise]);
  const held = stack.move();
  return { failed: failed.promise, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
