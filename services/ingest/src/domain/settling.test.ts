/** When a file in the inbox counts as completely written. */
import { describe, expect, it } from 'vitest';
import { Settling } from './settling.ts';

/** Times on the file server's clock, which is never compared with ours. */
const written = (ms: number, bytes = 10) => ({ bytes, modifiedMs: ms, changedMs: ms });
const moved = (writtenMs: number, movedMs: number) => ({
  bytes: 10,
  modifiedMs: writtenMs,
  changedMs: movedMs,
});

describe('a file in the inbox', () => {
  it('is taken at once when it was moved in long enough after its last write', () => {
    expect(new Settling(1_000).waitMs('a', moved(5_000, 6_000), 0)).toBe(0);
  });

  it('that was moved in sooner waits for the rest of the time', () => {
    const settling = new Settling(1_000);
    expect(settling.waitMs('a', moved(5_000, 5_400), 0)).toBe(600);
    expect(settling.waitMs('a', moved(5_000, 5_400), 599)).toBe(1);
    expect(settling.waitMs('a', moved(5_000, 5_400), 600)).toBe(0);
  });

  it.each(['right', -86_400_000, -5_000, 86_400_000])(
    'waits again after every write, even if its clock is off by %s ms',
    (off) => {
      const serverMs = Number(off) || 0;
      const settling = new Settling(1_000);
      expect(settling.waitMs('a', written(serverMs), 0)).toBe(1_000);
      expect(settling.waitMs('a', written(serverMs + 900, 20), 900)).toBe(1_000);
      expect(settling.waitMs('a', written(serverMs + 900, 20), 1_899)).toBe(1);
      expect(settling.waitMs('a', written(serverMs + 900, 20), 1_900)).toBe(0);
    },
  );

  it('is not taken sooner because its permissions were changed', () => {
    const settling = new Settling(1_000);
    expect(settling.waitMs('a', written(0), 0)).toBe(1_000);
    expect(settling.waitMs('a', moved(0, 600), 600)).toBe(400);
  });

  it('with a write time later than its last change waits no longer than any other', () => {
    expect(new Settling(1_000).waitMs('a', moved(86_400_000, 0), 0)).toBe(1_000);
  });

  it('that disappeared and came back under its name starts over', () => {
    const settling = new Settling(1_000);
    settling.waitMs('a', written(0), 0);
    settling.keepOnly(new Set());
    expect(settling.waitMs('a', written(0), 2_000)).toBe(1_000);
  });
});
