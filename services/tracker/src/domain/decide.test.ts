import type { SetlistEvent } from '@setlist/contracts';
import { evolve, type FoldState } from '@setlist/sets';
import { eventsOf, failure, recorded, timeOf } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';

const HOUR_MS = 3_600_000;
const set = eventsOf();
const asked = [set.accepted(), set.requested(0), set.requested(1)];
const done = [...asked, set.completed(0), set.failed(1)];

/** A set of two items has one page, which all its records belong to. */
const summaryAfter = (history: readonly SetlistEvent[]) =>
  recorded(history).reduce<FoldState>((state, record) => evolve(state, record), {}).summary;

/** The decision `laterMs` after the history's last event. */
function decided(history: readonly SetlistEvent[], laterMs = 0) {
  const summary = summaryAfter(history);
  if (summary === undefined) throw new Error('the set has not begun');
  return decide(summary, { now: timeOf(history.length, laterMs), stallAfterMs: HOUR_MS });
}

describe('completion', () => {
  test('is reported when every item has its outcome, with counts, costs, times and chain', () => {
    const event = decided(done);
    expect(event?.id).toBe(`${set.id}/completed/1`);
    expect(event).toMatchObject({
      name: 'SetCompleted',
      setId: set.id,
      data: {
        round: 1,
        counts: { total: 2, completed: 1, failed: 1, paid: 1, reused: 0, recovered: 0 },
        billedCharacters: 100,
        costUsd: '0.0016',
        savedUsd: '0.00',
        startedAt: '2026-01-05T09:00:00.000Z',
        endedAt: '2026-01-05T09:00:04.000Z',
        failures: [{ ...failure, index: 1 }],
        chain: summaryAfter(done)?.chain,
      },
    });
  });

  test('is not reported while an outcome is awaited', () => {
    expect(decided([...asked, set.completed(0)])).toBeUndefined();
  });

  test('is not reported while ingest still requests items', () => {
    expect(decided([set.accepted(), set.requested(0), set.completed(0)])).toBeUndefined();
  });

  test('is reported for a paused set whose last items were in flight', () => {
    expect(decided([...asked, set.paused(), set.completed(0), set.completed(1)])?.name).toBe('SetCompleted');
  });

  test('is reported once', () => {
    expect(decided([...done, set.setCompleted()])).toBeUndefined();
    expect(decided([...done, set.setCompleted()], 2 * HOUR_MS)).toBeUndefined();
  });

  test('is reported again after a retry, when its items have their outcomes', () => {
    const retried = [...done, set.setCompleted(), set.retried(2, 1)];
    expect(decided(retried)).toBeUndefined();
    expect(decided([...retried, set.requested(1, 2)])).toBeUndefined();
    expect(decided([...retried, set.requested(1, 2), set.completed(1, 'paid', 2)])).toMatchObject({
      name: 'SetCompleted',
      id: `${set.id}/completed/2`,
      data: { round: 2, counts: { completed: 2, failed: 0 }, startedAt: '2026-01-05T09:00:06.000Z' },
    });
  });
});

describe('a stall', () => {
  test('is reported after the quiet time, not before, with what was paid so far', () => {
    expect(decided(asked, HOUR_MS - 1)).toBeUndefined();
    expect(decided(asked, HOUR_MS)).toMatchObject({
      name: 'SetStalled',
      id: `${set.id}/stalled/3`,
      data: { sinceSeq: 3, since: '2026-01-05T09:00:02.000Z', quietMs: HOUR_MS, costUsd: '0.00' },
    });
    expect(decided([...asked, set.completed(0)], HOUR_MS)).toMatchObject({
      data: { billedCharacters: 100, costUsd: '0.0016' },
    });
  });

  test('is reported once', () => {
    expect(decided([...asked, set.stalled(3)], 5 * HOUR_MS)).toBeUndefined();
  });

  test.each([
    ['paused', [...asked, set.paused()]],
    ['cancelled', [...asked, set.cancelled()]],
    ['completed', [...done, set.setCompleted()]],
    ['rejected', [set.rejected()]],
  ])('is never reported for a set that is %s', (_, history) => {
    expect(decided(history, 100 * HOUR_MS)).toBeUndefined();
  });

  test('is never reported for a set that is done but not yet reported complete', () => {
    expect(decided(done, 2 * HOUR_MS)?.name).toBe('SetCompleted');
  });

  test('is over when the set moves, which is reported before its completion', () => {
    const moved = [...asked, set.stalled(3), set.completed(0), set.completed(1)];
    expect(decided(moved)).toMatchObject({
      name: 'SetUnstalled',
      id: `${set.id}/unstalled/3`,
      data: { stalledSinceSeq: 3, movedBySeq: 5, billedCharacters: 200, costUsd: '0.0032' },
    });
    expect(decided([...moved, set.unstalled(3)])?.name).toBe('SetCompleted');
  });

  test('of a paused set is over once it is resumed, not when a call in flight ends', () => {
    const paused = [...asked, set.stalled(3), set.paused(), set.completed(0)];
    expect(decided(paused)).toBeUndefined();
    expect(decided([...paused, set.resumed()])).toMatchObject({
      name: 'SetUnstalled',
      data: { movedBySeq: 6 },
    });
    expect(decided([...paused, set.completed(1)])?.name).toBe('SetCompleted');
  });

  test('is reported again when the set stops moving again', () => {
    const again = [...asked, set.stalled(3), set.completed(0), set.unstalled(3)];
    expect(decided(again, HOUR_MS)).toMatchObject({ name: 'SetStalled', id: `${set.id}/stalled/5` });
  });
});
