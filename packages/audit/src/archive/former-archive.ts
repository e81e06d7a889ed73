/** Checks the archive that a new one would overwrite. */
import { existsSync } from 'node:fs';
import type { EventLog } from '@setlist/eventlog';
import { placeOfHead } from '../verify/chain-of.ts';
import type { Holds } from './export-set.ts';
import { verifyArchive } from './verify-archive.ts';

/**
 * What the existing archive has, which the new one must have at least; nothing where there is no archive.
 * `undefined` where it must not be overwritten: its events are not the first events of the set in the log.
 */
export async function formerArchive(
  file: string,
  { log, setId, signal }: { log: Pick<EventLog, 'read'>; setId: string; signal?: AbortSignal | undefined },
): Promise<Holds | undefined> {
  if (!existsSync(file)) return { audioFiles: 0, hasSetFile: false };
  const { chain, audioFiles, hasSetFile } = await verifyArchive(file, { onFinding: () => undefined, signal });
  const isOfLog = chain !== undefined && (await placeOfHead(log, setId, chain.head)) !== undefined;
  return isOfLog ? { audioFiles, hasSetFile } : undefined;
}
