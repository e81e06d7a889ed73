/** The log's size on disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS_STREAM } from '@setlist/contracts';

/** Bytes of the log's messages and their index, in the server's folder for its default account. */
export function logBytes(storeDir: string): number {
  // Not the consumers beside them: a lane's is deleted when its set ends, perhaps in the middle of a reading.
  const messages = join(storeDir, 'jetstream', '$G', 'streams', EVENTS_STREAM, 'msgs');
  return readdirSync(messages)
    .map((name) => statSync(join(messages, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}
