/** The manifest that has to stand for a set: of its end or, while it is tried again, of the round before. */
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type LoggedManifest, manifestInLog } from '@setlist/sets';

/** By what the log holds now; nothing of a set that never ended. */
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
