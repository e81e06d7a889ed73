/** Properties of any history: repeats change nothing, and the fold can stop and resume anywhere. */
import type { ItemsPage, SetlistEvent, SetSummary } from '@setlist/contracts';
import { eventsOf, recorded } from '@setlist/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { projectSet } from '../../test/project-set.ts';
import { evolve, pageOfRecord } from './evolve.ts';
import type { LogRecord } from './log-record.ts';

const ITEMS = 4;
const set = eventsOf(undefined, ITEMS);
const index = fc.nat({ max: ITEMS - 1 });
const attempt = fc.integer({ min: 1, max: 3 });
const step: fc.Arbitrary<SetlistEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(index, attempt).map(([i, n]) => set.requested(i, n)) },
  {
    weight: 4,
    arbitrary: fc.tuple(index, attempt).map(([i, n]) => set.completed(i, n > 1 ? 'reused' : 'paid', n)),
  },
  { weight: 2, arbitrary: fc.tuple(index, attempt).map(([i, n]) => set.failed(i, n)) },
  fc.integer({ min: 1, max: 20 }).map((seq) => set.stalled(seq)),
  fc.integer({ min: 1, max: 20 }).map((seq) => set.unstalled(seq)),
  fc.integer({ min: 2, max: 3 }).map((round) => set.retried(round, 1)),
  fc.constantFrom(
    set.paused(),
    set.resumed(),
    set.cancelled(),
    set.prioritized(),
    set.notified(),
    set.setCompleted(),
  ),
);
const history = fc.array(step, { maxLength: 30 }).map((steps) => recorded([set.accepted(), ...steps]));

/** Documents as a bucket has them: passed through JSON, and each as of some earlier moment. */
interface Bucket {
  summary?: string | undefined;
  page?: string | undefined;
}

const parsed = <T>(text: string | undefined): T | undefined => (text ? (JSON.parse(text) as T) : undefined);
const written = (value: unknown): string | undefined => (value ? JSON.stringify(value) : undefined);

/** Continues the fold from what a bucket has. @returns what it has then */
function foldOn(bucket: Bucket, records: readonly LogRecord[]): Bucket {
  let summary = parsed<SetSummary>(bucket.summary);
  let page = parsed<ItemsPage>(bucket.page);
  for (const record of records) {
    const state = evolve({ summary, page: pageOfRecord(record) === undefined ? undefined : page }, record);
    summary = state.summary;
    page = state.page ?? page;
  }
  return { summary: written(summary), page: written(page) };
}

test('a record delivered again, at any later time, changes no byte', () => {
  fc.assert(
    fc.property(history, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }), (records, repeats) => {
      const delivered = [...records];
      for (const [which, later] of repeats) {
        const place = which % delivered.length;
        const again = delivered.slice(place, place + 1);
        delivered.splice(place + 1 + (later % (delivered.length - place)), 0, ...again);
      }
      expect(foldOn({}, delivered)).toEqual(foldOn({}, records));
    }),
  );
});

test('an item event stored twice changes no count, no money and no row', () => {
  const said = (records: readonly LogRecord[]) => {
    const { summary, pages } = projectSet(records);
    const { counts, costUsd, savedUsd, billedCharacters, failures } = summary ?? {};
    return [counts, costUsd, savedUsd, billedCharacters, failures, pages.get(0)?.items];
  };
  const items = fc.array(
    fc.tuple(index, fc.constantFrom('requested', 'completed', 'failed')).map(([i, what]) => ({ i, what })),
    { maxLength: 20 },
  );
  const eventOf = ({ i, what }: { i: number; what: string }): SetlistEvent => {
    if (what === 'requested') return set.requested(i);
    return what === 'failed' ? set.failed(i) : set.completed(i);
  };
  fc.assert(
    fc.property(items, fc.nat(), (steps, at) => {
      const events = [set.accepted(), ...steps.map(eventOf)];
      const twice = events[at % events.length];
      expect(said(recorded([...events, ...(twice ? [twice] : [])]))).toEqual(said(recorded(events)));
    }),
  );
});

test('resuming from stored documents gives the same bytes, even if a summary was stored later than its page', () => {
  fc.assert(
    fc.property(history, fc.nat(), fc.nat(), fc.nat(), (records, a, b, c) => {
      const cut = [a, b, c].map((n) => n % (records.length + 1)).sort((x, y) => x - y);
      const [position = 0, pageAt = 0, summaryAt = 0] = cut;
      const stored = {
        page: foldOn({}, records.slice(0, pageAt)).page,
        summary: foldOn({}, records.slice(0, summaryAt)).summary,
      };
      expect(foldOn(stored, records.slice(position))).toEqual(foldOn({}, records));
    }),
  );
});

test('the counts match the rows', () => {
  fc.assert(
    fc.property(history, (records) => {
      const { summary, pages } = projectSet(records);
      const rows = pages.get(0)?.items ?? [];
      expect(summary?.counts).toMatchObject({
        requested: rows.length,
        completed: rows.filter(({ state }) => state === 'completed').length,
        failed: rows.filter(({ state }) => state === 'failed').length,
        paid: rows.filter(({ how }) => how === 'paid').length,
        reused: rows.filter(({ how }) => how === 'reused').length,
      });
    }),
  );
});
