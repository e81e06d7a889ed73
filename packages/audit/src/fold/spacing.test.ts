import { describe, expect, test } from 'vitest';
import { isWorthKeeping } from './spacing.ts';

const EVERY = 5_000;
const keptOf = (events: number): number[] =>
  Array.from({ length: events / EVERY }, (_, n) => (n + 1) * EVERY).filter((seq) =>
    isWorthKeeping(seq, { every: EVERY, lastSeq: events }),
  );

describe('of the places of a log', () => {
  test('a few dozen are worth a snapshot, however long it is', () => {
    expect(keptOf(50_000)).toHaveLength(10);
    expect(keptOf(1_000_000).length).toBeLessThan(48);
    expect(keptOf(10_000_000).length).toBeLessThan(80);
  });

  test('the newest lie side by side, and those before them further apart, by an eighth of their age at the most', () => {
    const lastSeq = 10_000_000;
    const kept = keptOf(lastSeq);
    for (const [at, seq] of kept.entries()) {
      const gap = seq - (kept[at - 1] ?? 0);
      expect(gap).toBeLessThanOrEqual(Math.max(EVERY, (lastSeq - seq + gap) / 8));
    }
    expect(kept.at(-1)).toBe(lastSeq);
  });

  test('none that was not worth one is so later', () => {
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
