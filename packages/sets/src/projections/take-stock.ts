/** Checks, before folding continues, whether the bucket's content can have been made of this log. */
import {
  ITEMS_PER_PAGE,
  itemsPageKey,
  POSITION_KEY,
  type SetSummary,
  setKey,
  setOfSubject,
  subjects,
} from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { FOLD_VERSION } from '../fold/fold-version.ts';
import { beginningOf } from './beginning-of.ts';
import type { Position, Projections } from './projections.ts';
import { LogLost, ProjectionsLost, ProjectionsNewer } from './projections-lost.ts';
import { StoredDocument } from './stored-document.ts';

interface Stock {
  readonly log: EventLog;
  readonly projections: Projections;
  readonly position: Position;
  /** The keys that a node of the cluster lists. It can be behind the others: see {@link isThere}. */
  readonly keys: ReadonlySet<string>;
}

type Rows = Pick<SetSummary['counts'], 'total' | 'requested'>;

const AT_ONCE = 32;

/**
 * Compares the bucket with the log, and loads the summary of every set that has not ended. If the log has the
 * position's event, it has all earlier ones, since a log only grows; documents written ahead of the position are
 * compared with the log itself.
 * @throws ProjectionsLost where something is missing, or was made by an older fold or of events that the log doesn't
 * have; ProjectionsNewer where a newer fold made them
 */
export async function takeStock(log: EventLog, projections: Projections): Promise<void> {
  const position = await projections.readPosition();
  const keys = new Set(await log.sets.keys('>'));
  if (position === undefined) {
    if (keys.size > 0) throw new ProjectionsLost(`${POSITION_KEY} is missing`);
    return;
  }
  expectOfThisFold(position);
  await expectOfThisLog(log, position);
  const lives = log.read({ subjects: [subjects.state('*')], from: 'last-of-each-subject' });
  await inParallel(lives, AT_ONCE, (last) => expectSet({ log, projections, position, keys }, last));
}

function expectOfThisFold({ fold = 0 }: Partial<Position>): void {
  const what = `the projections were made by version ${fold} of the fold; this is version ${FOLD_VERSION}`;
  if (fold > FOLD_VERSION) throw new ProjectionsNewer(what);
  if (fold < FOLD_VERSION) throw new ProjectionsLost(what);
}

/**
 * Checks that the log has the position's event, or that the event is archived.
 * @throws LogLost where the log has lost it
 */
export async function expectOfThisLog(log: EventLog, { lastSeq, lastAt }: Position): Promise<void> {
  const found = await firstFrom(log, subjects.ofAllSets(), lastSeq);
  if (found?.seq === lastSeq && found.time.toISOString() === lastAt) return;
  if (found?.seq !== lastSeq && (await log.extent()).archived.upToSeq >= lastSeq) return;
  throw new LogLost(`the log has lost event ${lastSeq} of ${lastAt}, up to which it was folded`);
}

/** Uses a read, which asks the leader for the log's end: to a node that is behind, the event would seem lost. */
async function firstFrom(log: EventLog, subject: string, from: number): Promise<Recorded | undefined> {
  for await (const record of log.read({ subjects: [subject], from })) return record;
  return undefined;
}

/** @param last the last event of the set's life */
async function expectSet(stock: Stock, { subject, seq, event }: Recorded): Promise<void> {
  const { log, projections, position } = stock;
  const setId = setOfSubject(subject);
  const isVouchedFor = seq <= position.lastSeq;
  if (await isThere(stock, setKey(setId))) {
    // Ended sets are many, and a completed one's last event says all that is needed.
    if (event?.name === 'SetRejected') return;
    if (event?.name === 'SetCompleted' && isVouchedFor) {
      const { total } = event.data.counts;
      return expectPages(stock, setId, { total, requested: total });
    }
    const { summary } = await projections.load(setId, undefined);
    if (summary && summary.lastSeq > position.lastSeq) await expectInLog(log, summary);
    else if (summary) await expectPages(stock, setId, summary.counts);
    return;
  }
  const begunAt = await beginningOf(log, setId);
  if (begunAt !== undefined && begunAt <= position.lastSeq)
    throw new ProjectionsLost(`${setKey(setId)} is missing`);
}

/** Expects as many pages as the set's rows need: all but one are full, since items are requested in order. */
async function expectPages(stock: Stock, setId: string, { total, requested }: Rows): Promise<void> {
  const pages = Array.from({ length: Math.ceil(total / ITEMS_PER_PAGE) }, (_, page) =>
    itemsPageKey(setId, page),
  );
  const areTooMany = (missing: readonly string[]): boolean =>
    pages.length - missing.length < requested / ITEMS_PER_PAGE;
  const unlisted = pages.filter((key) => !stock.keys.has(key));
  if (!areTooMany(unlisted)) return;
  const missing: string[] = [];
  for (const key of unlisted) if (!(await isThere(stock, key))) missing.push(key);
  if (areTooMany(missing)) throw new ProjectionsLost(`${missing[0]} is missing`);
}

/** Asks the leader before a document counts as missing. @throws ProjectionsLost where the document can't be read */
async function isThere({ log, keys }: Stock, key: string): Promise<boolean> {
  if (keys.has(key)) return true;
  const document = new StoredDocument(log.sets, key);
  await document.read();
  return document.value !== undefined;
}

/** For a summary that a killed tracker, or another running one, wrote before the position. */
async function expectInLog(log: EventLog, { setId, lastSeq, moved }: SetSummary): Promise<void> {
  const found = await firstFrom(log, subjects.ofSet(setId), lastSeq);
  const isSame = moved.seq !== lastSeq || moved.at === found?.time.toISOString();
  if (found?.seq !== lastSeq || !isSame)
    throw new LogLost(`the log has lost event ${lastSeq} of ${setId}, which the summary includes`);
}
