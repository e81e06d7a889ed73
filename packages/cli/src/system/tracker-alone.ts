/** A tracker beside a broker that was started alone: decides steering commands without a system, and pays nothing. */
import type { EventLog } from '@setlist/eventlog';
import { type Environment, loadConfig } from '@setlist/runtime';
import { createTracker, trackerConfig } from '@setlist/tracker';
import type { DataFolder } from './folder/data-folder.ts';
import { firstFailure, runUntilTold } from './run-until-told.ts';
import { openServiceLog } from './service-log.ts';

export interface TrackerPlace {
  readonly data: DataFolder;
  readonly env: Environment;
  /** The log on that broker. */
  readonly log: EventLog;
  readonly tell: (message: string) => void;
}

/** Disposing of it writes what has changed: projections, and the manifest of a cancelled set. */
export interface TrackerAlone extends AsyncDisposable {
  /** Rejects when the tracker fails. */
  readonly failed: Promise<never>;
}

/** How long the command's end waits for what is to be written, in ms: no other tracker may start for days. */
const STOP_WITHIN_MS = 30_000;

export async function startTrackerAlone({ data, env, log, tell }: TrackerPlace): Promise<TrackerAlone> {
  await using stack = new AsyncDisposableStack();
  const serviceLog = stack.use(openServiceLog(data.logs, tell));
  const settings = loadConfig(trackerConfig, { ...env, NATS_URL: undefined, STORE: data.store });
  const logger = serviceLog.logger('tracker');
  const tracker = createTracker(settings, { log, logger, stopWithinMs: STOP_WITHIN_MS });
  const failed = firstFailure();
  runUntilTold((signal) => tracker.run(signal), { stack, failed });
  const held = stack.move();
  return { failed: failed.promise, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
