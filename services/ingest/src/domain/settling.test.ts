/** When a file in the inbox counts as written to its end. */
import { describe, expect, it } from 'vitest';
import { Settling } from './settling.ts';

const at = (ms: number) => ({ wallMs: 1_000_000 + ms, steadyMs: ms });
const written = (ms: number, bytes = 10) => ({ bytes, modifiedMs: 1_000_000 + ms });

describe('a file in the inbox', () => {
  it('is taken at once when it was last written long enough ago', () => {
    expect(new Settling(1_000).waitMs('a', written(-1_000), at(0))).toBe(0);
  });

  it('waits until it is old enough', () => {
    const settling = new Settling(1_000);
    expect(settling.waitMs('a', written(-400), at(0))).toBe(600);
    expect(settling.waitMs('a', written(-400), at(600))).toBe(0);
  });

  it('waits anew with every write', () => {
    const settling = new Settling(1_000);
    expect(settling.waitMs('a', written(0), at(0))).toBe(1_000);
    expect(settling.waitMs('a', written(900, 20), at(900))).toBe(1_000);
    expect(settling.waitMs('a', written(900, 20), at(1_899))).toBe(1);
    expect(settling.waitMs('a', written(900, 20), at(1_900))).toBe(0);
  });

  it('whose clock is ahead of ours waits only until it has looked the same for long enough', () => {
    const settling = new Settling(1_000);
    const ahead = written(86_400_000);
    expect(settling.waitMs('a', ahead, at(0))).toBe(1_000);
    expect(settling.waitMs('a', { ...ahead, bytes: 11 }, at(500))).toBe(1_000);
    expect(settling.waitMs('a', { ...ahead, bytes: 11 }, at(1_500))).toBe(0);
  });

  it('that went and came again under its name begins anew', () => {
    const settling = new Settling(1_000);
    const ahead = written(86_400_000);
    settling.waitMs('a', ahead, at(0));
    settling.keepOnly(new Set());
    expect(settling.waitMs('a', ahead, at(2_000))).toBe(1_000);
  });
});
