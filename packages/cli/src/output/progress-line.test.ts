import type { SetSummary } from '@setlist/contracts';
import pico from 'picocolors';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { barLine, plainLine, tenthOf } from './progress-line.ts';

const plain = pico.createColors(false);

const summary = (counts: Partial<SetSummary['counts']>, changes: Partial<SetSummary> = {}): SetSummary => ({
  setId: 'moby-dick-20261122t205012-k3f9q2',
  run: '20261122t205012-k3f9q2',
  set: { name: 'moby-dick', location: '/out/moby-dick', notify: [] },
  state: 'running',
  provider: 'polly',
  priority: 'normal',
  source: 'file:///inbox/moby-dick.yml',
  lanes: [],
  usdPerMillion: {},
  round: 1,
  counts: {
    total: 2_233,
    completed: 0,
    failed: 0,
    paid: 0,
    reused: 0,
    recovered: 0,
    requested: 0,
    awaited: 0,
    ...counts,
  },
  billedCharacters: 0,
  sparedCharacters: 0,
  costUsd: '0.12',
  savedUsd: '0.00',
  estimatedUsd: '4.24',
  acceptedAt: '2026-11-22T20:50:12Z',
  startedAt: '2026-11-22T20:50:12Z',
  moved: { seq: 1, at: '2026-11-22T20:50:12Z' },
  failures: [],
  chain: { events: 0, head: '0'.repeat(64) },
  stateSeq: 1,
  lastSeq: 1,
  ...changes,
});

test('a plain line shows progress, rate, time left and cost', () => {
  const half = summary({ completed: 1_230, failed: 4, reused: 300 });
  expect(plainLine({ name: 'moby-dick', summary: half, perSecond: 92 })).toBe(
    'moby-dick: 1,234 of 2,233 (55 %), 4 failed, 92/s, 11 s left, 300 reused, $0.12',
  );
});

test('a refused set shows no percentage', () => {
  const refused = summary({ total: 0 }, { state: 'rejected' });
  expect(plainLine({ name: 'a', summary: refused, perSecond: undefined })).toBe('a: refused');
  expect(barLine({ name: 'a', summary: refused, perSecond: undefined }, 80, 1, plain)).toBe('a  refused');
});

test('shows no price with the local engine, and no time for a paused set', () => {
  const paused = summary({ completed: 1 }, { state: 'paused', provider: 'local' });
  expect(plainLine({ name: 'a', summary: paused, perSecond: 3 })).toBe('a: 1 of 2,233 (0 %), paused');
  expect(plainLine({ name: 'a', summary: undefined, perSecond: undefined })).toBe('a: being read');
});

test.each([70, 80, 120, 200])(
  'a bar fits into %i columns, and is left out if there is no room for it',
  (columns) => {
    const half = summary({ completed: 1_234, reused: 300 });
    const line = barLine({ name: 'moby-dick', summary: half, perSecond: 92 }, columns, 9, plain);
    expect(stringWidth(line)).toBeLessThan(columns);
    expect(line.includes('━')).toBe(columns >= 80);
    expect(line).toMatch(
      /^moby-dick {2}.*1,234\/2,233 {2}55 % {2}92\/s {2}11 s left {2}300 reused {2}\$0\.12$/,
    );
  },
);

test('counts the completed tenths of a set; a refused set has none', () => {
  expect(tenthOf(summary({ completed: 1_200, failed: 30 }))).toBe(5);
  expect(tenthOf(summary({ total: 0 }, { state: 'rejected' }))).toBe(0);
});
