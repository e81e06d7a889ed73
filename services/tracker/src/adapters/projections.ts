/**
 * The sets' projections: in memory while they change, in the bucket for readers and for the next start.
 *
 * What the bucket promises, through crashes and with several trackers writing:
 * - a document only ever goes forward, and what it says follows from the log up to its `lastSeq` alone;
 * - a set's summary is written before its pages, so it is never behind one of them;
 * - the position is written last: everything up to it is in the documents.
 */
import { type ItemsPage, itemsPageKey, POSITION_KEY, type SetSummary, setKey } from '@setlist/contracts';
import type { Documents } from '@setlist/eventlog';
import type { SetState } from '../domain/evolve.ts';
import { inParallel } from '../in-parallel.ts';
import { StoredDocument } from './stored-document.ts';

/** The bucket is not what was left in it: the projections have to be made anew from the log. */
export class ProjectionsLost extends Error {
  override readonly name = 'ProjectionsLost';
  readonly code = 'projections-lost';
}

type Page = StoredDocument<ItemsPage>;
type Summary = StoredDocument<SetSummary>;

export class Projections {
  readonly #bucket: Documents;
  readonly #maxPages: number;
  readonly #summaries = new Map<string, Summary>();
  /** By key; the longest unused first. */
  readonly #pages = new Map<string, Page>();
  #lastUsed: Page | undefined;
  readonly #position: StoredDocument<{ lastSeq: number }>;
  #flushing: Promise<void> | undefined;
  #flushes = 0;
  #tidiedAfter = 0;

  /** @param maxPages pages in memory before those unused for longest leave it */
  constructor(bucket: Documents, maxPages: number) {
    this.#bucket = bucket;
    this.#maxPages = maxPages;
    this.#position = new StoredDocument(bucket, POSITION_KEY);
  }

  /** Takes up the position where the bucket has it. */
  async readPosition(): Promise<number> {
    await this.#position.read();
    return this.position;
  }

  /** Sequence of the last record that has been folded; 0 where none was. */
  get position(): number {
    return this.#position.seq;
  }

  set position(lastSeq: number) {
    this.#position.value = { lastSeq };
  }

  /** Sets that have not ended, as far as they are in memory: all of them, once they were loaded at the start. */
  *openSets(): Generator<SetSummary> {
    for (const { value } of this.#summaries.values()) if (value && !hasEnded(value)) yield value;
  }

  /** A set's summary as it stands in memory. */
  summaryInMemory(setId: string): SetSummary | undefined {
    return this.#summaries.get(setId)?.value;
  }

  /** What {@link load} would give, where all of it is in memory: nearly always, and at once. */
  inMemory(setId: string, page: number | undefined): SetState | undefined {
    const summary = this.#summaries.get(setId);
    if (summary === undefined) return undefined;
    if (page === undefined) return { summary: summary.value };
    const items = this.#pages.get(itemsPageKey(setId, page));
    if (items === undefined || items.seq > summary.seq) return undefined;
    this.#use(items);
    return { summary: summary.value, page: items.value };
  }

  /** A set's summary and one of its pages, from memory or the bucket. */
  async load(setId: string, page: number | undefined): Promise<SetState> {
    const summary = this.#summaries.get(setId) ?? (await this.#readSummary(setId));
    if (page === undefined) return { summary: summary.value };
    const items = this.#pages.get(itemsPageKey(setId, page)) ?? (await this.#readPage(setId, page));
    if (items.seq > summary.seq) await this.#catchUp(summary, items);
    this.#use(items);
    return { summary: summary.value, page: items.value };
  }

  /** Puts a page behind all that have been unused for longer. */
  #use(page: Page): void {
    if (page === this.#lastUsed) return;
    this.#pages.delete(page.key);
    this.#pages.set(page.key, page);
    this.#lastUsed = page;
  }

  /** Keeps what `load` gave after a record was folded into it. */
  keep(setId: string, { summary, page }: SetState): void {
    const summaryDocument = this.#summaries.get(setId);
    if (summaryDocument && summary) summaryDocument.value = summary;
    const pageDocument = page && this.#pages.get(itemsPageKey(setId, page.page));
    if (pageDocument) pageDocument.value = page;
  }

  /** Writes what has changed, in the promised order; a flush under way is joined. */
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

  /** Lets go of what need not be in memory. To be called between records only, when nothing is being folded. */
  async tidy(): Promise<void> {
    if (this.#pages.size > this.#maxPages) {
      await this.flush();
      const fewer = (this.#maxPages * 3) / 4;
      this.#dropPages((page) => this.#pages.size > fewer && page.isKept);
    }
    if (this.#tidiedAfter === this.#flushes) return;
    this.#tidiedAfter = this.#flushes;
    const isOver = (setId: string): boolean => {
      const summary = this.#summaries.get(setId);
      return summary?.value === undefined || (hasEnded(summary.value) && summary.isKept);
    };
    this.#dropPages((page) => page.isKept && (page.value === undefined || isOver(page.value.setId)));
    for (const setId of this.#summaries.keys()) if (isOver(setId)) this.#summaries.delete(setId);
  }

  #dropPages(when: (page: Page) => boolean): void {
    for (const [key, page] of this.#pages) if (when(page)) this.#pages.delete(key);
  }

  /** What is written is fixed before the first request, since folding goes on meanwhile. */
  async #write(): Promise<void> {
    const position = changesOf([this.#position]);
    const summaries = changesOf(this.#summaries.values());
    const pages = changesOf(this.#pages.values());
    await inParallel(summaries, async ([summary, value]) => void (await summary.write(value)));
    await inParallel(pages, async ([page, value]) => void (await page.write(value)));
    for (const [document, value] of position) {
      // Written all the same, it would vouch for documents that were deleted, or that another tracker makes anew.
      const { wentBack } = await document.write(value, true);
      if (wentBack) throw new ProjectionsLost('the position went back: the projections were deleted');
    }
  }

  async #readSummary(setId: string): Promise<Summary> {
    const summary: Summary = new StoredDocument(this.#bucket, setKey(setId));
    await summary.read();
    this.#summaries.set(setId, summary);
    return summary;
  }

  async #readPage(setId: string, number: number): Promise<Page> {
    const page: Page = new StoredDocument(this.#bucket, itemsPageKey(setId, number));
    await page.read();
    return page;
  }

  /** Another tracker is ahead of this one, and its page was just read: its summary is there already. */
  async #catchUp(summary: Summary, page: Page): Promise<void> {
    await summary.read();
    if (page.seq > summary.seq) {
      throw new ProjectionsLost(`${page.key} is ahead of ${summary.key}: the summary was deleted`);
    }
  }
}

const hasEnded = ({ state }: SetSummary): boolean => state !== 'running' && state !== 'paused';

/** What the bucket does not have yet. */
function changesOf<T extends { lastSeq: number }>(
  documents: Iterable<StoredDocument<T>>,
): [StoredDocument<T>, T][] {
  const changes: [StoredDocument<T>, T][] = [];
  for (const document of documents) {
    if (document.value && document.isNewer) changes.push([document, document.value]);
  }
  return changes;
}
