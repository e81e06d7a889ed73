/** What an archive that is to be made anew would write over. */
import { existsSync } from 'node:fs';
import type { EventLog } from '@setlist/eventlog';
import { placeOfHead } from '../verify/chain-of.ts';
import { verifyArchive } from './verify-archive.ts';

/** Whether nothing is lost by it: there is none, or its events of the set are those that the log begins with. */
export async function mayGiveWay(
  file: string,
  { log, setId, signal }: { log: Pick<EventLog, 'read'>; setId: string; signal?: AbortSignal | undefined },
): Promise<boolean> {
  if (!existsSync(file)) return true;
  const { chain } = await verifyArchive(file, { onFinding: () => undefined, signal });
  return chain !== undefined && (await placeOfHead(log, setId, chain.head)) !== undefined;
}
