/**
 * The sets' projections: in memory while they change, in the bucket for readers and for the next start.
 *
 * What the bucket guarantees, through crashes and with several trackers writing:
 * - a document only ever goes forward, and its content follows from the log up to its `lastSeq` alone;
 * - a set's summary is written before its pages, so it is never behind one of them;
 * - the position is written last: everything up to it is in the documents;
 * - a document that was seen there and deleted is never written back from memory.
 */
import {
  hasEnded,
  type ItemsPage,
  isOpen,
  itemsPageKey,
  POSITION_KEY,
  type SetSummary,
  setKey,
} from '@setlist/contracts';
import type { Documents } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import type { FoldState } from '../fold/evolve.ts';
import { FOLD_VERSION } from '../fold/fold-version.ts';
import { isoOf } from '../fold/instant.ts';
import type { LogRecord } from '../fold/log-record.ts';
import { ProjectionsLost } from './projections-lost.ts';
import { StoredDocument } from './stored-document.ts';

const WRITES_AT_ONCE = 32;

/** How far the log has been folded, by which version of the fold, and the time that identifies the log. */
export interface Position {
  readonly fold: number;
  readonly lastSeq: number;
  /** When the broker stored the event there. */
  readonly lastAt: string;
}

/** One set's documents in memory. */
interface KnownSet {
  readonly summary: StoredDocument<SetSummary>;
  readonly pages: Map<number, Page>;
}

interface Page {
  readonly set: KnownSet;
  readonly number: number;
  readonly document: StoredDocument<ItemsPage>;
}

/**
 * The sets' documents, for one fold at a time. Several trackers of the same log can write one bucket.
 *
 * In memory are the summaries of all open sets, and about `maxPages` pages at most (500 items each, some 0.3 MB), if
 * {@link tidy} is called whenever {@link isUntidy} says so. What ended and is in the bucket is dropped.
 *
 * Whatever reads or writes the bucket throws a `ProjectionsLost` where it finds something that no tracker can have
 * written there, and, where it writes, a `ProjectionsWentBack` if the documents were deleted.
 */
export class Projections {
  readonly #bucket: Documents;
  readonly #maxPages: number;
  readonly #sets = new Map<string, KnownSet>();
  /** The pages of all sets in memory, least recently used first. */
  readonly #pages = new Set<Page>();
  #lastUsed: Page | undefined;
  readonly #position: StoredDocument<Position>;
  #flushing: Promise<void> | undefined;
  #flushes = 0;
  #tidiedAfter = 0;

  /** @param maxPages number of pages in memory above which the least recently used are dropped */
  constructor(bucket: Documents, maxPages: number) {
    this.#bucket = bucket;
    this.#maxPages = maxPages;
    this.#position = new StoredDocument(bucket, POSITION_KEY);
  }

  /** Reads the position from the bucket, if it has one. */
  async readPosition(): Promise<Position | undefined> {
    await this.#position.read();
    return this.position;
  }

  /** `undefined` where no record has been folded. */
  get position(): Position | undefined {
    return this.#position.value;
  }

  /** Records that everything up to this record has been folded. */
  cameTo({ seq, time }: Pick<LogRecord, 'seq' | 'time'>): void {
    this.#position.value = { fold: FOLD_VERSION, lastSeq: seq, lastAt: isoOf(time) };
  }

  /** The sets in memory that have not ended: all such sets, once they have been loaded at the start. */
  *openSets(): Generator<SetSummary> {
    for (const { summary } of this.#sets.values())
      if (summary.value && isOpen(summary.value)) yield summary.value;
  }

  /** A set's summary, if it is in memory. */
  summaryInMemory(setId: string): SetSummary | undefined {
    return this.#sets.get(setId)?.summary.value;
  }

  /** The result of {@link load}, synchronously, where all of it is in memory, which it nearly always is. */
  inMemory(setId: string, number: number | undefined): FoldState | undefined {
    const set = this.#sets.get(setId);
    if (set === undefined) return undefined;
    if (number === undefined) return { summary: set.summary.value };
    const page = set.pages.get(number);
    if (page === undefined || page.document.seq > set.summary.seq) return undefined;
    this.#use(page);
    return { summary: set.summary.value, page: page.document.value };
  }

  /** A set's summary and one of its pages, from memory or the bucket. */
  async load(setId: string, number: number | undefined): Promise<FoldState> {
    const set = this.#sets.get(setId) ?? (await this.#readSet(setId));
    if (number === undefined) return { summary: set.summary.value };
    const page = set.pages.get(number) ?? (await this.#readPage(setId, set, number));
    if (page.document.seq > set.summary.seq) await this.#catchUp(page);
    this.#use(page);
    return { summary: set.summary.value, page: page.document.value };
  }

  /** Marks a page as the most recently used. */
  #use(page: Page): void {
    if (page === this.#lastUsed) return;
    this.#pages.delete(page);
    this.#pages.add(page);
    page.set.pages.set(page.number, page);
    this.#lastUsed = page;
  }

  /** Keeps the result of `load` after a record was folded into it. */
  keep(setId: string, { summary, page }: FoldState): void {
    const set = this.#sets.get(setId);
    if (set && summary) set.summary.value = summary;
    const kept = page && set?.pages.get(page.page);
    if (kept) kept.document.value = page;
  }

  /**
   * Writes what has changed so far, in the guaranteed order. A flush in progress is joined instead, which leaves out what
   * has changed since it began.
   * @throws ProjectionsWentBack, ProjectionsLost
   */
  flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined;
      this.#flushes++;
    });
    return this.#flushing;
  }

  /** Whether {@link tidy} has anything to do. */
  get isUntidy(): boolean {
    return this.#pages.size > this.#maxPages || this.#tidiedAfter !== this.#flushes;
  }

  /** Drops what need not be in memory. Must only be called between records, when nothing is being folded. */
  async tidy(): Promise<void> {
    if (this.#pages.size > this.#maxPages) {
      await this.flush();
      const fewer = (this.#maxPages * 3) / 4;
      this.#dropPages(({ document }) => this.#pages.size > fewer && document.isKept);
    }
    if (this.#tidiedAfter === this.#flushes) return;
    this.#tidiedAfter = this.#flushes;
    this.#dropPages(({ set, document }) => document.isKept && (document.value === undefined || isOver(set)));
    for (const [setId, set] of this.#sets) if (isOver(set) && set.pages.size === 0) this.#sets.delete(setId);
  }

  #dropPages(when: (page: Page) => boolean): void {
    for (const page of this.#pages) {
      if (!when(page)) continue;
      this.#pages.delete(page);
      page.set.pages.delete(page.number);
      if (page === this.#lastUsed) this.#lastUsed = undefined;
    }
  }

  /** Collects what to write before the first request, since folding continues meanwhile. */
  async #write(): Promise<void> {
    const position = changesOf([this.#position], (document) => document);
    const summaries = changesOf(this.#sets.values(), ({ summary }) => summary);
    const pages = changesOf(this.#pages, ({ document }) => document);
    await inParallel(summaries, WRITES_AT_ONCE, ([summary, value]) => summary.write(value));
    await inParallel(pages, WRITES_AT_ONCE, ([page, value]) => page.write(value));
    for (const [document, value] of position) await document.write(value);
  }

  async #readSet(setId: string): Promise<KnownSet> {
    const summary = new StoredDocument<SetSummary>(this.#bucket, setKey(setId));
    await summary.read();
    const set = { summary, pages: new Map<number, Page>() };
    this.#sets.set(setId, set);
    return set;
  }

  async #readPage(setId: string, set: KnownSet, number: number): Promise<Page> {
    const document = new StoredDocument<ItemsPage>(this.#bucket, itemsPageKey(setId, number));
    await document.read();
    return { set, number, document };
  }

  /** Another tracker is ahead of this one, and its page was just read: its summary was written first. */
  async #catchUp({ set: { summary }, document }: Page): Promise<void> {
    await summary.read();
    if (document.seq <= summary.seq) return;
    throw new ProjectionsLost(`${document.key} is ahead of ${summary.key}: the summary was deleted`);
  }
}

/** Nothing is left to fold and the bucket has everything: the set need not be in memory. */
const isOver = ({ summary }: KnownSet): boolean =>
  summary.value === undefined || (hasEnded(summary.value) && summary.isKept);

/** The documents that the bucket does not have yet, with the values to write. */
function changesOf<Holder, T extends { lastSeq: number }>(
  holders: Iterable<Holder>,
  documentOf: (holder: Holder) => StoredDocument<T>,
): [StoredDocument<T>, T][] {
  const changes: [StoredDocument<T>, T][] = [];
  for (const holder of holders) {
    const document = documentOf(holder);
    if (document.value && document.isNewer) changes.push([document, document.value]);
  }
  return changes;
}
