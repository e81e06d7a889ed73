import type { SetSummary } from '@setlist/contracts';
import pico from 'picocolors';
import { expect, test } from 'vitest';
import { doneOfAll } from './set-results.ts';
import { liveSetsTable, setsTable } from './set-tables.ts';

test('every table counts only completed items as done, also for a set with failures', () => {
  const counts = {
    total: 7,
    completed: 5,
    failed: 2,
    paid: 5,
    reused: 0,
    recovered: 0,
    requested: 7,
    awaited: 0,
  };
  const set = { ...aSet(), state: 'completed' as const, counts };
  expect(setsTable([set], pico.createColors(false))[1]).toMatch(/^a-1 +completed +5\/7 +71 % +2 /);
  expect(doneOfAll(set)).toBe('5/7');
  const refused = {
    ...set,
    state: 'rejected' as const,
    counts: { ...counts, total: 0, completed: 0, failed: 0 },
  };
  expect(setsTable([refused], pico.createColors(false))[1]).toMatch(/^a-1 +rejected +0 /);
});

test('a live table has only as many rows as the terminal, open sets first, and shortens names only', () => {
  const run = '20261122t205012-k3f9q2';
  const named = (setId: string, state: SetSummary['state']) => ({ ...aSet(), setId, run, state });
  const ended = Array.from({ length: 24 }, (_, at) => named(`ended-${at}-${run}`, 'completed'));
  const running = named(`the-old-man-and-the-sea-${run}`, 'running');
  const paintSaid = pico.createColors(false);
  const lines = liveSetsTable([...ended, running], { rows: 24, columns: 80, paintSaid });
  expect(lines).toHaveLength(23);
  expect(lines[1]).toMatch(/^the-old-m…20261122t205012-k3f9q2 +running +0\/7 +0 % +0 +\$0\.00 /);
  expect(lines.at(-1)).toBe('and 4 more');
  expect(liveSetsTable(ended.slice(0, 21), { rows: 24, columns: 80, paintSaid })).toHaveLength(22);
});

function aSet(): SetSummary {
  return {
    setId: 'a-1',
    run: '1',
    set: { name: 'a', location: '/out/a', notify: [] },
    state: 'running',
    provider: 'polly',
    priority: 'normal',
    source: 'file:///inbox/a.yml',
    lanes: [],
    usdPerMillion: {},
    round: 1,
    counts: { total: 7, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0, requested: 7, awaited: 7 },
    billedCharacters: 0,
    sparedCharacters: 0,
    costUsd: '0.00',
    savedUsd: '0.00',
    estimatedUsd: '0.00',
    acceptedAt: '2026-11-22T20:50:12Z',
    startedAt: '2026-11-22T20:50:12Z',
    moved: { seq: 1, at: '2026-11-22T20:50:12Z' },
    failures: [],
    chain: { events: 0, head: '0'.repeat(64) },
    stateSeq: 1,
    lastSeq: 1,
  };
}
