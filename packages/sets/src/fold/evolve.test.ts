import type { SetlistEvent } from '@setlist/contracts';
import { eventsOf, failure, recorded } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { projectSet, summaryAfter } from '../../test/project-set.ts';

const set = eventsOf();
const asked = [set.accepted(), set.requested(0), set.requested(1)];

const rowsAfter = (events: readonly SetlistEvent[]) => projectSet(recorded(events)).pages.get(0)?.items ?? [];

describe('a set at the door', () => {
  test('awaits every item once it is accepted', () => {
    const summary = summaryAfter([set.accepted()]);
    expect(summary).toMatchObject({
      state: 'running',
      round: 1,
      counts: { total: 2, requested: 0, awaited: 2 },
    });
    expect(summary.acceptedAt).toBe('2026-01-05T09:00:00.000Z');
  });

  test('has ended once it is rejected, and keeps its problems', () => {
    expect(summaryAfter([set.rejected('Broken')])).toMatchObject({
      state: 'rejected',
      set: { name: 'Broken', notify: ['mail'] },
      endedAt: '2026-01-05T09:00:00.000Z',
      problemCount: 1,
      problems: [{ line: 1, message: 'No set.' }],
    });
  });

  test('is named after its source when its name could not be read', () => {
    expect(summaryAfter([set.rejected()]).set.name).toBe('inbox/broken.yml');
  });

  test('does not exist before it is accepted or rejected', () => {
    expect(projectSet(recorded([set.requested(0), set.completed(0)]))).toEqual({
      summary: undefined,
      pages: new Map(),
    });
  });

  test('is accepted only once', () => {
    const summary = summaryAfter([...asked, set.completed(0), set.accepted()]);
    expect(summary.counts).toMatchObject({ completed: 1, awaited: 1 });
  });
});

describe('items', () => {
  test('are counted by how they completed, with what they cost and saved', () => {
    const summary = summaryAfter([...asked, set.completed(0), set.completed(1, 'reused')]);
    expect(summary.counts).toEqual({
      total: 2,
      requested: 2,
      completed: 2,
      failed: 0,
      paid: 1,
      reused: 1,
      recovered: 0,
      awaited: 0,
    });
    expect(summary).toMatchObject({ billedCharacters: 100, costUsd: '0.0016', savedUsd: '0.0016' });
  });

  test('keep the reason of their failure, in their row and in the summary', () => {
    const events = [...asked, set.failed(1)];
    expect(rowsAfter(events)[1]).toMatchObject({ state: 'failed', ...failure, tries: 3 });
    expect(summaryAfter(events).failures).toEqual([{ ...failure, index: 1, file: 'moby-dick/item-1.mp3' }]);
  });

  test('of the local engine cost nothing', () => {
    const free = [set.accepted('0'), set.requested(0), set.completed(0)];
    expect(summaryAfter(free)).toMatchObject({ billedCharacters: 100, costUsd: '0.00', savedUsd: '0.00' });
  });

  test('requested again before their outcome change nothing', () => {
    const once = summaryAfter(asked);
    const twice = summaryAfter([...asked, set.requested(1)]);
    expect(twice.counts).toEqual(once.counts);
    expect(twice.moved).toEqual(once.moved);
  });

  test('keep an outcome that comes before its request', () => {
    const early = [set.accepted(), set.completed(0), set.requested(0)];
    expect(rowsAfter(early)).toMatchObject([{ index: 0, state: 'completed', how: 'paid' }]);
    expect(summaryAfter(early).counts).toMatchObject({ requested: 1, completed: 1, awaited: 1 });
  });

  test('keep their first outcome', () => {
    const events = [...asked, set.completed(0), set.failed(0)];
    expect(rowsAfter(events)[0]?.state).toBe('completed');
    expect(summaryAfter(events).counts).toMatchObject({ completed: 1, failed: 0, awaited: 1 });
  });

  test('are listed in the order of the set, in whatever order they are requested', () => {
    const many = eventsOf(undefined, 1200);
    const indices = [700, 3, 1100, 0, 501, 2, 500, 1199];
    const { pages } = projectSet(
      recorded([many.accepted(), ...indices.map((index) => many.requested(index))]),
    );
    const rows = [...pages].map(([page, { items }]) => [page, items.map(({ index }) => index)]);
    expect(Object.fromEntries(rows)).toEqual({ 0: [0, 2, 3], 1: [500, 501, 700], 2: [1100, 1199] });
  });

  test('show the first twenty failures', () => {
    const many = eventsOf(undefined, 30);
    const indices = Array.from({ length: 30 }, (_, index) => 29 - index);
    const summary = summaryAfter([many.accepted(), ...indices.map((index) => many.failed(index))]);
    expect(summary.counts.failed).toBe(30);
    expect(summary.failures.map(({ index }) => index)).toEqual(indices.slice(0, 20));
  });
});

describe('a retry', () => {
  const failedOnce = [...asked, set.completed(0), set.failed(1), set.setCompleted()];
  const retried = [...failedOnce, set.retried(2, 1), set.requested(1, 2)];

  test('opens a round that awaits the retried items even before they are requested', () => {
    const summary = summaryAfter([...failedOnce, set.retried(2, 1)]);
    expect(summary).toMatchObject({ state: 'running', round: 2, counts: { failed: 1, awaited: 1 } });
    expect(summary.endedAt).toBeUndefined();
    expect(summary.startedAt).toBe('2026-01-05T09:00:06.000Z');
  });

  test('removes the failed attempt from the count and the list', () => {
    const summary = summaryAfter(retried);
    expect(summary).toMatchObject({ counts: { completed: 1, failed: 0, awaited: 1 }, failures: [] });
  });

  test('is over when the new attempts have their outcomes', () => {
    const summary = summaryAfter([...retried, set.completed(1, 'paid', 2)]);
    expect(summary).toMatchObject({ counts: { completed: 2, awaited: 0 }, billedCharacters: 200 });
  });

  test('is not ended by the completion of the previous round', () => {
    expect(summaryAfter([...retried, set.setCompleted(1)]).state).toBe('running');
  });

  test('ignores the outcome of an older attempt', () => {
    const events = [...retried, set.completed(1, 'paid', 1)];
    expect(rowsAfter(events)[1]).toMatchObject({ attempt: 2, state: 'requested' });
    expect(summaryAfter(events)).toMatchObject({
      counts: { completed: 1, awaited: 1 },
      billedCharacters: 100,
    });
  });

  test('of an item that still has no outcome awaits it once', () => {
    const events = [...asked, set.completed(0), set.retried(2, 1), set.requested(1, 2)];
    expect(summaryAfter(events).counts.awaited).toBe(1);
    expect(summaryAfter([...events, set.completed(1, 'reused', 2)]).counts.awaited).toBe(0);
  });

  test('of a paid but undelivered item counts the payment once, whichever attempts report it', () => {
    const undelivered = [set.accepted(), set.requested(0), set.failedPaid(0), set.setCompleted()];
    expect(summaryAfter(undelivered)).toMatchObject({ billedCharacters: 100, costUsd: '0.0016' });
    expect(rowsAfter(undelivered)[0]).toMatchObject({ state: 'failed', billedCharacters: 100 });
    const again = [set.retried(2, 1), set.requested(0, 2), set.failedPaid(0, 2, 100), set.setCompleted(2)];
    const last = [set.retried(3, 1), set.requested(0, 3), set.completedLater(0, 3, 100)];
    const money = { billedCharacters: 100, sparedCharacters: 0, costUsd: '0.0016', savedUsd: '0.00' };
    expect(summaryAfter([...undelivered, ...again, ...last])).toMatchObject({
      ...money,
      counts: { paid: 1 },
    });
    // An earlier version did not report it when the item failed.
    const unsaid = [set.accepted(), set.requested(0), set.failed(0), set.setCompleted(), set.retried(2, 1)];
    expect(summaryAfter([...unsaid, set.requested(0, 2), set.completedLater(0, 2)])).toMatchObject(money);
  });

  test('is announced once', () => {
    expect(summaryAfter([...failedOnce, set.retried(2, 1), set.retried(2, 1)]).counts.awaited).toBe(1);
  });
});

describe('the life of a set', () => {
  test('completed: it ended when its last outcome was stored', () => {
    const endedAt = '2026-01-05T09:00:04.000Z';
    const summary = summaryAfter([
      ...asked,
      set.completed(0),
      set.completed(1),
      set.setCompleted(1, endedAt),
    ]);
    expect(summary).toMatchObject({ state: 'completed', endedAt });
  });

  test('cancelled: items in flight still count, and only a retry opens it again', () => {
    const cancelled = [...asked, set.cancelled(), set.completed(0)];
    expect(summaryAfter([...cancelled, set.setCompleted(), set.resumed()])).toMatchObject({
      state: 'cancelled',
      endedAt: '2026-01-05T09:00:03.000Z',
      counts: { completed: 1 },
    });
    expect(summaryAfter([...cancelled, set.retried(2, 1)]).state).toBe('running');
  });

  test('paused and resumed: the quiet time starts with the resumption', () => {
    expect(summaryAfter([...asked, set.paused()])).toMatchObject({ state: 'paused', moved: { seq: 3 } });
    expect(summaryAfter([...asked, set.paused(), set.resumed()])).toMatchObject({
      state: 'running',
      moved: { seq: 5 },
    });
  });

  test('prioritized: nothing else changes', () => {
    expect(summaryAfter([...asked, set.prioritized()])).toMatchObject({
      priority: 'high',
      moved: { seq: 3 },
    });
  });
});
