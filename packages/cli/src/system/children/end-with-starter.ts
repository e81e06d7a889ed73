/**
 * Loaded into a child process with `node --import`: ends it in order when its parent is gone, for whatever reason. The
 * channel between the two closes automatically, even after a kill -9.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The listener alone would keep the process alive.
  process.channel.unref();
}
