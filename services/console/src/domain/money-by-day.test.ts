/** Money summed exactly, by day and by set. */
import type { SetSummary } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { moneyOf } from './money-by-day.ts';

const paid = (costUsd: string, day: string): SetSummary =>
  ({
    setId: `set-${costUsd}`,
    set: { name: 'a' },
    startedAt: `${day}T10:00:00.000Z`,
    costUsd,
    savedUsd: '0.1',
    billedCharacters: 10,
  }) as SetSummary;

describe('money', () => {
  it('is summed as decimals: ten times a tenth is one', () => {
    const { spentUsd, savedUsd, days } = moneyOf(Array.from({ length: 10 }, () => paid('0.1', '2026-11-22')));
    expect([spentUsd, savedUsd]).toEqual(['1.00', '1.00']);
    expect(days).toEqual([
      { day: '2026-11-22', spentUsd: '1.00', savedUsd: '1.00', billedCharacters: 100, sets: 10 },
    ]);
  });

  it('does not count the local engine’s free characters as paid', () => {
    const free = { ...paid('0', '2026-11-22'), provider: 'local' } as SetSummary;
    const { days } = moneyOf([paid('1', '2026-11-22'), free]);
    expect(days).toMatchObject([{ billedCharacters: 10, sets: 2 }]);
  });

  it('shows the newest day first, and the dearest set first', () => {
    const { days, sets } = moneyOf([
      paid('1', '2026-11-20'),
      paid('3', '2026-11-21'),
      paid('2', '2026-11-20'),
    ]);
    expect(days.map(({ day, spentUsd }) => [day, spentUsd])).toEqual([
      ['2026-11-21', '3.00'],
      ['2026-11-20', '3.00'],
    ]);
    expect(sets.map(({ spentUsd }) => spentUsd)).toEqual(['3.00', '2.00', '1.00']);
  });
});
