import type { SetSummary } from '@setlist/contracts';
import pico from 'picocolors';
import { expect, test } from 'vitest';
import { doneOfAll } from './set-results.ts';
import { setsTable } from './set-tables.ts';

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
