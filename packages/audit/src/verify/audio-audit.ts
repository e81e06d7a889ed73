/** The audio itself: what is kept under its hash, and what lies under its users' names. */
import { createHash } from 'node:crypto';
import { type EventOf, subjects } from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { type ObjectStore, StoreError } from '@setlist/storage';
import type { Shadow } from '../fold/shadow.ts';
import type { ShadowSet } from '../fold/shadow-set.ts';
import { DigestTable } from './digest-table.ts';
import { FilesSince } from './files-since.ts';
import { type FaultCode, type Finding, fault, note, type Report, type Where } from './finding.ts';

/** Where the audit finds audio; it reads, and never writes. */
export interface AudioPlaces {
  /** Where canonical audio is kept; left out, only the users' files are looked at. */
  readonly store?: ObjectStore | undefined;
  /** The store that a set's acceptance names. */
  readonly outputAt: (uri: string) => ObjectStore;
}

interface Job {
  readonly log: Pick<EventLog, 'read' | 'first'>;
  readonly places: AudioPlaces;
  /** Whether the bytes themselves are read, beside their number. */
  readonly deep: boolean;
  readonly report: Report;
}

/** What the log says of an object. */
interface Expected {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly where: Where;
}

type Codes = Readonly<Record<'missing' | 'size' | 'damaged', FaultCode>>;
const SOUND: Codes = { missing: 'sound-missing', size: 'sound-size', damaged: 'sound-damaged' };
const FILE: Codes = { missing: 'file-missing', size: 'file-size', damaged: 'file-damaged' };

const AT_ONCE = 16;

/** Every sound whose last word is that it is paid. @returns how many were looked at */
export async function auditSounds(job: Job): Promise<number> {
  const { store } = job.places;
  if (store === undefined) return 0;
  const lastOfEach = { subjects: [subjects.sound('*')], from: 'last-of-each-subject' } as const;
  let sounds = 0;
  await inParallel(job.log.read(lastOfEach), AT_ONCE, async ({ event, seq }) => {
    if (event?.name !== 'SoundPaid') return;
    sounds++;
    const { object: key, bytes, sha256, hash } = event.data;
    const found = await look(
      job,
      store,
      { key, bytes, sha256, where: { seq, sound: hash, file: key } },
      SOUND,
    );
    // Claimed or removed since it was read, its audio is another's: a claim stands before anything is written.
    if (found && (await job.log.first(subjects.sound(hash), seq + 1)) === undefined) job.report(found);
  });
  return sounds;
}

/**
 * Every completed item's file, newest run first: where several runs write one file, the last one's holds.
 * @returns how many files were looked at
 */
export async function auditFiles(job: Job, shadow: Shadow): Promise<number> {
  const taken = new DigestTable();
  const since = new FilesSince(job.log, shadow.position);
  let files = 0;
  const newestFirst = [...shadow.sets.values()]
    .filter(({ summary }) => (summary?.counts.completed ?? 0) > 0)
    .sort((a, b) => (b.summary?.acceptedAt ?? '').localeCompare(a.summary?.acceptedAt ?? ''));
  for (const set of newestFirst) {
    const accepted = await acceptanceOf(job.log, set.setId);
    if (accepted) files += await auditFilesOf(job, set, { accepted, taken, since });
  }
  return files;
}

async function auditFilesOf(
  job: Job,
  set: ShadowSet,
  { accepted, taken, since }: { accepted: EventOf<'SetAccepted'>; taken: DigestTable; since: FilesSince },
): Promise<number> {
  const { output } = accepted.data;
  const store = job.places.outputAt(output);
  const found: { readonly key: string; readonly finding: Finding }[] = [];
  let files = 0;
  const outcomes = job.log.read({ subjects: [subjects.outcome(set.setId, '*', '*', '*')] });
  await inParallel(outcomes, AT_ONCE, async ({ event, seq }) => {
    if (event?.name !== 'ItemCompleted') return;
    const { index, attempt, file: key, bytes, sha256 } = event.data;
    const row = set.rows.row(index);
    if (row?.attempt !== attempt || row.state !== 'completed') return;
    if (taken.add(`${output} ${key}`, seq) !== undefined) return;
    files++;
    const where = { seq, set: set.setId, item: index, file: store.locate(key) };
    const finding = await look(job, store, { key, bytes, sha256, where }, FILE);
    if (finding) found.push({ key, finding });
  });
  if (found.length > 0) await since.readOn();
  for (const { key, finding } of found) if (!since.has(output, key)) job.report(finding);
  return files;
}

async function look(
  { deep }: Job,
  store: ObjectStore,
  expected: Expected,
  codes: Codes,
): Promise<Finding | undefined> {
  const { key, bytes, sha256, where } = expected;
  try {
    const head = await store.head(key);
    if (head === undefined) return fault(codes.missing, where, `${store.locate(key)} is not there`);
    if (head.bytes !== bytes) {
      const what = `${store.locate(key)} has ${head.bytes} bytes; it was stored with ${bytes}`;
      return fault(codes.size, where, what);
    }
    if (!deep) return undefined;
    const found = createHash('sha256')
      .update(await store.get(key))
      .digest('hex');
    if (found === sha256) return undefined;
    return fault(codes.damaged, where, `${store.locate(key)} is not the audio that was stored`);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return note('store-unreachable', where, error.message);
  }
}
