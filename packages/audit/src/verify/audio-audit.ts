/** Checks the audio itself: the canonical audio, stored under its hash, and the users' files. */
import { DigestTable, digestOf, type EventOf, subjects } from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { Shadow } from '../fold/shadow.ts';
import type { ShadowSet } from '../fold/shadow-set.ts';
import { FilesSince } from './files-since.ts';
import type { Finding, Report } from './finding.ts';
import { type Codes, LOOKS_AT_ONCE, look } from './stored-object.ts';

/** Where the audit finds audio; it only reads. */
export interface AudioPlaces {
  /** Where canonical audio is stored; left out, only the users' files are checked. */
  readonly store?: ObjectStore | undefined;
  /** The store that a set's acceptance names. */
  readonly outputAt: (uri: string) => ObjectStore;
}

export interface AudioJob {
  readonly log: Pick<EventLog, 'read' | 'first'>;
  readonly places: AudioPlaces;
  /** Whether to read and check the bytes too, not just their number. */
  readonly deep: boolean;
  readonly report: Report;
}

/** A set can lack a million files: its findings are not all kept until its end. */
const JUDGED_TOGETHER = 1_000;

const SOUND: Codes = { missing: 'sound-missing', size: 'sound-size', damaged: 'sound-damaged' };
const FILE: Codes = { missing: 'file-missing', size: 'file-size', damaged: 'file-damaged' };

/** Checks every sound whose last event is its payment. @returns how many were checked */
export async function auditSounds(job: AudioJob): Promise<number> {
  const { store } = job.places;
  if (store === undefined) return 0;
  const lastOfEach = { subjects: [subjects.sound('*')], from: 'last-of-each-subject' } as const;
  let sounds = 0;
  await inParallel(job.log.read(lastOfEach), LOOKS_AT_ONCE, async ({ event, seq }) => {
    if (event?.name !== 'SoundPaid') return;
    const { object: key, bytes, sha256, hash } = event.data;
    const expected = { key, bytes, sha256, where: { seq, sound: hash, file: key } };
    const found = await look({ store, deep: job.deep, codes: SOUND }, expected);
    if (found?.level !== 'unchecked') sounds++;
    // After a later event the audio may have been replaced or removed: a claim is logged before anything is written.
    if (found && (await job.log.first(subjects.sound(hash), seq + 1)) === undefined) job.report(found);
  });
  return sounds;
}

/**
 * Checks every completed item's file, newest run first: of several runs that write one file, the newest one's counts.
 * @returns how many files were checked
 */
export async function auditFiles(job: AudioJob, shadow: Shadow): Promise<number> {
  const taken = new DigestTable();
  const since = new FilesSince(job.log, shadow);
  let files = 0;
  const newestFirst = shadow.newestFirst().filter(({ summary }) => (summary?.counts.completed ?? 0) > 0);
  for (const set of newestFirst) {
    const accepted = await acceptanceOf(job.log, set.setId);
    if (accepted) files += await auditFilesOf(job, set, { accepted, taken, since });
  }
  return files;
}

async function auditFilesOf(
  job: AudioJob,
  set: ShadowSet,
  { accepted, taken, since }: { accepted: EventOf<'SetAccepted'>; taken: DigestTable; since: FilesSince },
): Promise<number> {
  const { output } = accepted.data;
  const store = job.places.outputAt(output);
  const found: { readonly key: string; readonly finding: Finding }[] = [];
  const judge = async (): Promise<void> => {
    const judged = found.splice(0);
    if (judged.length === 0) return;
    await since.readOn();
    for (const { key, finding } of judged) if (!since.has(output, key, set)) job.report(finding);
  };
  let files = 0;
  const outcomes = job.log.read({ subjects: [subjects.outcome(set.setId, '*', '*', '*')] });
  await inParallel(outcomes, LOOKS_AT_ONCE, async ({ event, seq }) => {
    if (event?.name !== 'ItemCompleted') return;
    const { index, attempt, file: key, bytes, sha256 } = event.data;
    const row = set.rows.row(index);
    if (row?.attempt !== attempt || row.state !== 'completed') return;
    if (taken.add(digestOf(`${output} ${key}`), seq) !== undefined) return;
    const where = { seq, set: set.setId, item: index, file: store.locate(key) };
    const finding = await look({ store, deep: job.deep, codes: FILE }, { key, bytes, sha256, where });
    if (finding?.level !== 'unchecked') files++;
    if (finding) found.push({ key, finding });
    if (found.length >= JUDGED_TOGETHER) await judge();
  });
  await judge();
  return files;
}
