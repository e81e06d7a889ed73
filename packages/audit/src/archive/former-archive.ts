/** What an archive that is to be made anew would write over. */
import { existsSync } from 'node:fs';
import type { EventLog } from '@setlist/eventlog';
import { placeOfHead } from '../verify/chain-of.ts';
import { verifyArchive } from './verify-archive.ts';

/**
 * How many audio files it holds, and the new one must hold no fewer; 0 where there is none. Nothing where it may
 * not give way: its events of the set are others than those that the log begins with.
 */
export async function formerAudioFiles(
  file: string,
  { log, setId, signal }: { log: Pick<EventLog, 'read'>; setId: string; signal?: AbortSignal | undefined },
): Promise<number | undefined> {
  if (!existsSync(file)) return 0;
  const { chain, audioFiles } = await verifyArchive(file, { onFinding: () => undefined, signal });
  const isOfLog = chain !== undefined && (await placeOfHead(log, setId, chain.head)) !== undefined;
  return isOfLog ? audioFiles : undefined;
}
