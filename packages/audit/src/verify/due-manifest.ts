/** The manifest that a set has to have: the one of its end or, during a retry, the one of the previous round. */
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type LoggedManifest, manifestInLog } from '@setlist/sets';

/** Reads the log as it is now. @returns `undefined` where the set never ended */
export async function dueManifest(
  log: Pick<EventLog, 'read' | 'first'>,
  setId: string,
): Promise<LoggedManifest | undefined> {
  const ended = await manifestInLog(log, setId);
  if (ended) return ended;
  let upToSeq: number | undefined;
  for await (const { event, seq } of log.read({ subjects: [subjects.state(setId)] })) {
    if (event?.name === 'SetCompleted') upToSeq = seq;
  }
  return upToSeq === undefined ? undefined : manifestInLog(log, setId, { upToSeq });
}
