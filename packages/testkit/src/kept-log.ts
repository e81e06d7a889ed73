/** Power cuts that take the end of the log, and nothing else that the broker stores. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS_STREAM } from '@setlist/contracts';
import type { TestNats } from './nats-server.ts';

/**
 * Copies the log's messages.
 * @returns a function that restores them, and leaves other streams and what the broker remembers of its consumers
 */
export async function keptLog(nats: TestNats): Promise<() => Promise<void>> {
  const live = join(nats.storeDir, 'jetstream/$G/streams', EVENTS_STREAM, 'msgs');
  const kept = join(nats.storeDir, 'kept');
  await nats.kill9();
  await cp(live, kept, { recursive: true });
  await nats.restart();
  return async () => {
    // A broker writes what it remembers of its consumers when it stops, but not when it is killed.
    await nats.restart();
    await nats.kill9();
    await rm(live, { recursive: true });
    await cp(kept, live, { recursive: true });
    await nats.restart();
  };
}
