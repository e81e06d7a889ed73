/** The tracker's projections held against the shadow: each summary and each page, byte for byte. */
import {
  ITEMS_PER_PAGE,
  type ItemRow,
  type ItemsPage,
  itemsPageKey,
  POSITION_KEY,
  type SetSummary,
  setKey,
  subjects,
} from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { inParallel, sleep } from '@setlist/runtime';
import type { Shadow } from '../fold/shadow.ts';
import type { ShadowSet } from '../fold/shadow-set.ts';
import { type FaultCode, fault, note, type Report } from './finding.ts';

type Log = Pick<EventLog, 'sets' | 'read'>;

interface Job {
  readonly log: Log;
  readonly report: Report;
  /** How far the tracker says it has come. */
  readonly position: number;
  /** Whether the log and the projections may be growing. */
  readonly live: boolean;
}

/** A document of the bucket beside what it should be. */
interface Pair<T extends { lastSeq: number }> {
  readonly key: string;
  readonly stored: T | undefined;
  /** The sequence of the last event that the document should know. */
  readonly lastSeq: number;
}

/** A set that changes while it is looked at is given so many looks. */
const LOOKS = 4;
const BETWEEN_LOOKS_MS = 400;
const AT_ONCE = 16;

/**
 * Compares every projection.
 * @param shadow the log's own state; sets that move meanwhile are folded on
 * @param head the log's last sequence, which is beyond the last record where that was archived
 */
export async function auditProjections(
  log: Log,
  shadow: Shadow,
  { live, report, head }: Pick<Job, 'live' | 'report'> & { readonly head: number },
): Promise<void> {
  const keys = new Set(await log.sets.keys('>'));
  const position = await positionIn(log);
  if (position === undefined && keys.size > 0) {
    report(fault('projection-missing', { key: POSITION_KEY }, 'how far the log was folded is not noted'));
  }
  const begun = [...shadow.sets.values()].filter(({ summary }) => summary !== undefined);
  const job = { log, report, live, position: position ?? 0 };
  if (!live && job.position > head) {
    const what = `it says ${job.position}; the log ends at ${head}`;
    report(fault('projection-ahead', { key: POSITION_KEY }, what));
  } else if (!live && position !== undefined && position < lastOf(begun)) {
    const what = `the tracker has folded ${position} of ${head} events`;
    report(note('tracker-behind', { key: POSITION_KEY }, what));
  } else if (!live && keys.size === 0 && begun.length > 0) {
    report(note('tracker-behind', {}, 'no tracker has folded any of it'));
  }
  await inParallel(begun, AT_ONCE, (set) => auditSet(job, set));
  for (const key of keys) if (!live && !isExplained(key, shadow)) report(orphan(key));
}

const positionIn = async ({ sets }: Log): Promise<number | undefined> =>
  (await sets.get<{ lastSeq: number }>(POSITION_KEY))?.value.lastSeq;

/** The last event of any set; events of sounds are not the tracker's. */
const lastOf = (sets: readonly ShadowSet[]): number =>
  sets.reduce((last, { summary }) => Math.max(last, summary?.lastSeq ?? 0), 0);

/** Looks again where a live set moved on while it was compared, so that both sides know the same events. */
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
      job.report(note('still-moving', { set: set.setId }, 'it was not compared, since it moves'));
      return;
    }
    await sleep(BETWEEN_LOOKS_MS);
    // A tracker that makes the documents anew has taken it back before it deleted any of them.
    position = (await positionIn(job.log)) ?? 0;
  }
}

type Found = { readonly finding: ReturnType<typeof fault>; readonly lag: boolean };
const isLag = ({ lag }: Found): boolean => lag;

/** Folds what the log has got since. @returns whether there was anything */
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
  const stored = (await log.sets.get<SetSummary>(key))?.value;
  const found = compareSeq({ key, stored, lastSeq: summary.lastSeq }, setId, position);
  let code: FaultCode = 'projection-differs';
  if (found.length === 0 && stored?.lastSeq === summary.lastSeq) {
    const contradicts = stored.chain?.head !== summary.chain.head;
    if (contradicts) code = 'projection-contradicts';
    const what = summaryDiffers(stored, summary);
    const said = contradicts ? `${what}: ${headsOf(stored, summary)}` : what;
    if (said !== undefined) found.push(foundOf(code, { key, setId }, said));
  }
  for (const [page, lastSeq] of set.pageSeqs.entries()) {
    if (lastSeq) found.push(...(await comparePage(log, set, { page, lastSeq, position, code })));
  }
  return found;
}

/** What somebody may hold the head of a mail, or of a backup, against. */
const headsOf = (stored: SetSummary, { chain }: SetSummary): string =>
  `its chain has the head ${stored.chain?.head}, and the same ${chain.events} events make ${chain.head}`;

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

/** Every row that the log makes, in its order and once, and no other. */
function rowsDiffer({ rows }: ShadowSet, page: number, stored: unknown): string | undefined {
  if (!Array.isArray(stored)) return 'it has no rows';
  const end = Math.min(rows.length, (page + 1) * ITEMS_PER_PAGE);
  let at = 0;
  for (let index = page * ITEMS_PER_PAGE; index < end; index++) {
    if (rows.row(index) === undefined) continue;
    const row = stored[at++] as ItemRow | null | undefined;
    if (row?.index !== index || !rows.isSame(row)) return `its item ${index} differs from what the log makes`;
  }
  return at === stored.length ? undefined : `it has ${stored.length} rows, and the log makes ${at}`;
}

/** Beside its rows, the fields of a page and their order. */
function fieldsDiffer(
  stored: ItemsPage,
  { setId, page, lastSeq }: Omit<ItemsPage, 'items'>,
): string | undefined {
  const made = { setId, page, items: NO_ROWS, lastSeq };
  if (JSON.stringify({ ...stored, items: NO_ROWS }) === JSON.stringify(made)) return undefined;
  return 'its fields, beside its rows, differ from what the log makes';
}
const NO_ROWS: readonly ItemRow[] = [];

/** Whether the document is there and knows the events that it should; what the tracker has not folded yet it need not. */
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
    const what = `it knows event ${stored.lastSeq}; the log's last for it is ${lastSeq}`;
    return [foundOf('projection-ahead', { key, setId }, what, true)];
  }
  if (stored.lastSeq === lastSeq || !isDue) return [];
  const what = `it knows the log up to ${stored.lastSeq}, and should up to ${lastSeq}`;
  return [foundOf('projection-behind', { key, setId }, what, true)];
}

function foundOf(code: FaultCode, at: { key: string; setId: string }, what: string, lag = false): Found {
  return { finding: fault(code, { key: at.key, set: at.setId }, what), lag };
}

/** Field by field, and then by their order. */
function summaryDiffers(stored: SetSummary, folded: SetSummary): string | undefined {
  if (JSON.stringify(stored) === JSON.stringify(folded)) return undefined;
  const names = new Set([...Object.keys(stored), ...Object.keys(folded)]);
  const text = (of: SetSummary, name: string): string => JSON.stringify(of[name as keyof SetSummary]);
  const fields = [...names].filter((name) => text(stored, name) !== text(folded, name));
  return `its ${fields.join(', ') || 'fields, by their order,'} differ from what the log makes`;
}

function isExplained(key: string, { sets }: Shadow): boolean {
  if (key === POSITION_KEY) return true;
  const [, setId = '', page = ''] = key.split('.');
  const set = sets.get(setId);
  if (key === setKey(setId)) return set?.summary !== undefined;
  return key === itemsPageKey(setId, Number(page)) && (set?.pageSeqs[Number(page)] ?? 0) > 0;
}

const orphan = (key: string) => fault('projection-orphaned', { key }, 'no event of the log accounts for it');
