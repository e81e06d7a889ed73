/**
 * Loaded into a child process beside its own program (`node --import`): ends it in order when the process that started
 * it is gone, however that went. The channel between the two closes by itself, even at a kill -9.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The listener alone would keep the process alive.
  process.channel.unref();
}
