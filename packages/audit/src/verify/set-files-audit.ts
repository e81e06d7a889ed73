/** Checks the set files that are stored under their hash: ingest resumes from them, and archives include them. */
import { setOfSubject, subjects } from '@setlist/contracts';
import { inParallel } from '@setlist/runtime';
import type { AudioJob } from './audio-audit.ts';
import { type Codes, LOOKS_AT_ONCE, look } from './stored-object.ts';

const SET_FILE: Codes = {
  missing: 'setfile-missing',
  size: 'setfile-damaged',
  damaged: 'setfile-damaged',
};

/** Checks every set file that was accepted, each once however many runs it had. */
export async function auditSetFiles({ log, places: { store }, deep, report }: AudioJob): Promise<void> {
  if (store === undefined) return;
  const seen = new Set<string>();
  const lives = log.read({ subjects: [subjects.state('*')] });
  await inParallel(lives, LOOKS_AT_ONCE, async ({ event, seq, subject }) => {
    if (event?.name !== 'SetAccepted') return;
    const { keptAs: key, bytes, sha256 } = event.data.source;
    if (seen.has(key)) return;
    seen.add(key);
    const where = { seq, set: setOfSubject(subject), file: store.locate(key) };
    const found = await look({ store, deep, codes: SET_FILE }, { key, bytes, sha256, where });
    if (found) report(found);
  });
}
