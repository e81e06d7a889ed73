import { describe, expect, it } from 'vitest';
import { createFaults, faultsSchema } from './faults.ts';

const kinds = (settings: object, calls: number) => {
  const faults = createFaults(faultsSchema.parse(settings));
  return Array.from({ length: calls }, () => faults.next().kind);
};
const count = (all: string[], kind: string) => all.filter((one) => one === kind).length;

describe('faults', () => {
  it('disturbs no call by default', () => {
    expect(new Set(kinds({}, 1_000))).toEqual(new Set(['none']));
  });

  it('produces the shares it was given', () => {
    const all = kinds({ throttle: 0.5, serverError: 0.1, cut: 0.05 }, 20_000);
    expect(count(all, 'throttle') / 20_000).toBeCloseTo(0.5, 1);
    expect(count(all, 'serverError') / 20_000).toBeCloseTo(0.1, 1);
    expect(count(all, 'cut') / 20_000).toBeCloseTo(0.05, 1);
  });

  it('repeats itself for the same seed and differs for another', () => {
    expect(kinds({ throttle: 0.5, seed: 7 }, 100)).toEqual(kinds({ throttle: 0.5, seed: 7 }, 100));
    expect(kinds({ throttle: 0.5, seed: 7 }, 100)).not.toEqual(kinds({ throttle: 0.5, seed: 8 }, 100));
  });

  it('keeps latency within its range', () => {
    const faults = createFaults(faultsSchema.parse({ latencyMs: [100, 300] }));
    const all = Array.from({ length: 500 }, () => faults.next().latencyMs);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...all)).toBeLessThanOrEqual(300);
    expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan(150);
  });

  it('refuses shares beyond 1, reversed ranges and unknown keys', () => {
    for (const wrong of [{ throttle: 2 }, { latencyMs: [5, 1] }, { throtle: 0.5 }]) {
      expect(faultsSchema.safeParse(wrong).success).toBe(false);
    }
  });
});
