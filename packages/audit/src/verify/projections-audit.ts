/** Compares the tracker's projections with the shadow: each summary and each page, byte for byte. */
import {
  type ItemsPage,
  itemsPageKey,
  POSITION_KEY,
  type SetSummary,
  setKey,
  subjects,
} from '@setlist/contracts';
import { DocumentUnreadable, type EventLog } from '@setlist/eventlog';
import { inParallel, sleep } from '@setlist/runtime';
import { FOLD_VERSION } from '@setlist/sets';
import type { Shadow } from '../fold/shadow.ts';
import type { ShadowSet } from '../fold/shadow-set.ts';
import { fieldsDiffer, rowsDiffer, summaryDiffers } from './document-differences.ts';
import { type FaultCode, fault, note, type Report } from './finding.ts';

type Log = Pick<EventLog, 'sets' | 'read' | 'first' | 'head'>;

interface Job {
  readonly log: Log;
  readonly report: Report;
  /** Sequence of the last event that the tracker says it has folded. */
  readonly position: number;
  /** Whether the log and the projections may be growing. */
  readonly live: boolean;
}

/** A document of the bucket, and what it should hold. */
interface Pair<T extends { lastSeq: number }> {
  readonly key: string;
  readonly stored: T | undefined;
  /** Sequence of the last event that the document should include. */
  readonly lastSeq: number;
}

/** How often to compare a set that keeps changing before giving up. */
const LOOKS = 4;
const BETWEEN_LOOKS_MS = 400;
const AT_ONCE = 16;

/**
 * Compares every projection.
 * @param shadow the state that the log gives; sets that change meanwhile are folded further
 */
export async function auditProjections(
  log: Log,
  shadow: Shadow,
  { live, report }: Pick<Job, 'live' | 'report'>,
): Promise<void> {
  const keys = new Set(await log.sets.keys('>'));
  const position = await auditPosition(log, keys, report);
  // Read after the position, which never gets ahead of the log.
  const head = await log.head();
  const begun = [...shadow.sets.values()].filter(({ summary }) => summary !== undefined);
  const job = { log, report, live, position: position ?? 0 };
  if (job.position > head) {
    const what = `the tracker says it has folded up to event ${job.position}; the log ends at ${head}`;
    report(fault('projection-ahead', { key: POSITION_KEY }, what));
  } else if (!live && position !== undefined && position < lastOf(begun)) {
    const what = `the tracker has folded the log up to event ${position} of ${head}`;
    report(note('tracker-behind', { key: POSITION_KEY }, what));
  } else if (!live && keys.size === 0 && begun.length > 0) {
    report(note('tracker-behind', {}, 'no tracker has folded any of the log'));
  }
  await inParallel(begun, AT_ONCE, (set) => auditSet(job, set));
  for (const key of keys) {
    if (isExplained(key, shadow) || (live && (await mayBeNewer(log, key, shadow)))) continue;
    report(fault('projection-orphaned', { key }, 'no event of the log accounts for it'));
  }
}

/** Sequence up to which the tracker says it has folded the log; `undefined`, with a finding, where it can't be read. */
async function auditPosition(
  log: Log,
  keys: ReadonlySet<string>,
  report: Report,
): Promise<number | undefined> {
  const at = { key: POSITION_KEY };
  try {
    const position = await positionIn(log);
    if (position === undefined) {
      if (keys.size > 0)
        report(fault('projection-missing', at, 'the position up to which the log was folded is missing'));
      return undefined;
    }
    const { lastSeq, fold = 0 } = position;
    const what = `the projections were made by version ${fold} of the fold; this is version ${FOLD_VERSION}`;
    if (fold !== FOLD_VERSION) report(fault('projection-differs', at, what));
    return lastSeq;
  } catch (error) {
    report(fault('projection-differs', at, unreadable(error).message));
    return undefined;
  }
}

const positionIn = async ({ sets }: Log): Promise<{ lastSeq: number; fold?: number } | undefined> =>
  (await sets.get<{ lastSeq: number; fold?: number } | null>(POSITION_KEY))?.value ?? undefined;

function unreadable(error: unknown): DocumentUnreadable {
  if (error instanceof DocumentUnreadable) return error;
  throw error;
}

/** Sequence of the last event of any set; the tracker doesn't fold events of sounds. */
const lastOf = (sets: readonly ShadowSet[]): number =>
  sets.reduce((last, { summary }) => Math.max(last, summary?.lastSeq ?? 0), 0);

/** Compares again where a live set changed meanwhile, so that both sides include the same events. */
async function auditSet(job: Job, set: ShadowSet): Promise<void> {
  let { position } = job;
  for (let look = 1; ; look++) {
    const found = await compareSet({ ...job, position }, set);
    const moved = job.live && (await foldOn(job.log, set));
    const mayPass = job.live && look < LOOKS && found.some(isLag);
    if (!moved && !mayPass) {
      for (const one of found) job.report(one.finding);
      return;
    }
    if (look === LOOKS) {
      job.report(note('still-moving', { set: set.setId }, 'it was not compared, because it kept changing'));
      return;
    }
    await sleep(BETWEEN_LOOKS_MS);
    // A tracker that rebuilds the documents resets the position before it deletes any of them.
    position = (await positionIn(job.log).catch((error) => void unreadable(error)))?.lastSeq ?? 0;
  }
}

type Found = { readonly finding: ReturnType<typeof fault>; readonly lag: boolean };
const isLag = ({ lag }: Found): boolean => lag;

/** Folds the set's events that the log has got since. @returns whether there were any */
async function foldOn(log: Log, set: ShadowSet): Promise<boolean> {
  let moved = false;
  const from = (set.summary?.lastSeq ?? 0) + 1;
  for await (const record of log.read({ subjects: [subjects.ofSet(set.setId)], from })) {
    set.apply(record);
    moved = true;
  }
  return moved;
}

async function compareSet({ log, position }: Job, set: ShadowSet): Promise<Found[]> {
  const { setId, summary } = set;
  if (summary === undefined) return [];
  const key = setKey(setId);
  const found = await unlessUnreadable({ key, setId }, () => compareSummary(log, summary, position));
  const contradicts = found.some(({ finding }) => finding.code === 'projection-contradicts');
  const code = contradicts ? 'projection-contradicts' : 'projection-differs';
  for (const [page, lastSeq] of set.pageSeqs.entries()) {
    if (!lastSeq) continue;
    const at = { key: itemsPageKey(setId, page), setId };
    found.push(
      ...(await unlessUnreadable(at, () => comparePage(log, set, { page, lastSeq, position, code }))),
    );
  }
  return found;
}

async function unlessUnreadable(
  at: { key: string; setId: string },
  compare: () => Promise<Found[]>,
): Promise<Found[]> {
  try {
    return await compare();
  } catch (error) {
    return [foundOf('projection-differs', at, unreadable(error).message)];
  }
}

async function compareSummary(log: Log, summary: SetSummary, position: number): Promise<Found[]> {
  const { setId, lastSeq } = summary;
  const key = setKey(setId);
  const stored = (await log.sets.get<SetSummary>(key))?.value;
  const found = compareSeq({ key, stored, lastSeq }, setId, position);
  if (found.length > 0 || stored?.lastSeq !== lastSeq) return found;
  const said = summaryDiffers(stored, summary);
  if (said === undefined) return [];
  if (stored.chain?.head === summary.chain.head) return [foundOf('projection-differs', { key, setId }, said)];
  return [foundOf('projection-contradicts', { key, setId }, `${said}: ${headsOf(stored, summary)}`)];
}

/** Both heads, for comparison with the head in a mail or in a backup. */
const headsOf = (stored: SetSummary, { chain }: SetSummary): string =>
  `its chain head is ${stored.chain?.head}; the log's same ${chain.events} events give ${chain.head}`;

async function comparePage(
  log: Log,
  set: ShadowSet,
  { page, lastSeq, position, code }: { page: number; lastSeq: number; position: number; code: FaultCode },
): Promise<Found[]> {
  const key = itemsPageKey(set.setId, page);
  const stored = (await log.sets.get<ItemsPage>(key))?.value;
  const found = compareSeq({ key, stored, lastSeq }, set.setId, position);
  if (found.length > 0 || stored?.lastSeq !== lastSeq) return found;
  const what =
    rowsDiffer(set, page, stored.items) ?? fieldsDiffer(stored, { setId: set.setId, page, lastSeq });
  return what === undefined ? [] : [foundOf(code, { key, setId: set.setId }, what)];
}

/** Checks that the document exists and includes all events that the tracker has folded. */
function compareSeq<T extends { lastSeq: number }>(
  { key, stored, lastSeq }: Pair<T>,
  setId: string,
  position: number,
): Found[] {
  const isDue = position >= lastSeq;
  if (stored === undefined) {
    return isDue ? [foundOf('projection-missing', { key, setId }, 'it is not there', true)] : [];
  }
  if (stored.lastSeq > lastSeq) {
    const what = `it includes event ${stored.lastSeq}; the log's last event for it is ${lastSeq}`;
    return [foundOf('projection-ahead', { key, setId }, what, true)];
  }
  if (stored.lastSeq === lastSeq || !isDue) return [];
  const what = `it covers the log up to event ${stored.lastSeq}; it should cover it up to ${lastSeq}`;
  return [foundOf('projection-behind', { key, setId }, what, true)];
}

function foundOf(code: FaultCode, at: { key: string; setId: string }, what: string, lag = false): Found {
  return { finding: fault(code, { key: at.key, set: at.setId }, what), lag };
}

function isExplained(key: string, { sets }: Shadow): boolean {
  if (key === POSITION_KEY) return true;
  const [, setId = '', page = ''] = key.split('.');
  const set = sets.get(setId);
  if (key === setKey(setId)) return set?.summary !== undefined;
  return key === itemsPageKey(setId, Number(page)) && (set?.pageSeqs[Number(page)] ?? 0) > 0;
}

/** Whether the key's set has begun since the shadow was folded; those that had begun by then were folded further. */
async function mayBeNewer(log: Log, key: string, { sets }: Shadow): Promise<boolean> {
  const [, setId = ''] = key.split('.');
  if (setId === '' || sets.get(setId)?.summary !== undefined) return false;
  return (await log.first(subjects.ofSet(setId))) !== undefined;
}
