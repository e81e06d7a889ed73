import { describe, expect, test } from 'vitest';
import { isWorthKeeping } from './spacing.ts';

const EVERY = 5_000;
const keptOf = (events: number): number[] =>
  Array.from({ length: events / EVERY }, (_, n) => (n + 1) * EVERY).filter((seq) =>
    isWorthKeeping(seq, { every: EVERY, lastSeq: events }),
  );

describe('the places of snapshots in a log', () => {
  test('are a hundred at most, however long the log is', () => {
    expect(keptOf(50_000)).toHaveLength(10);
    expect(keptOf(1_000_000)).toHaveLength(100);
    expect(keptOf(10_000_000).length).toBeLessThanOrEqual(100);
  });

  test('are spaced evenly, so that a look at any moment of a million events folds 10,000 at most', () => {
    const kept = keptOf(1_000_000);
    for (const [at, seq] of kept.entries()) expect(seq - (kept[at - 1] ?? 0)).toBe(10_000);
  });

  test('are never added as the log grows, only dropped', () => {
    for (let seq = EVERY; seq <= 1_000_000; seq += EVERY) {
      let was = true;
      for (let lastSeq = seq; lastSeq <= 2_000_000; lastSeq += 3 * EVERY + 1) {
        const is = isWorthKeeping(seq, { every: EVERY, lastSeq });
        if (is && !was) expect.fail(`${seq} at ${lastSeq}`);
        was = is;
      }
    }
  });
});
