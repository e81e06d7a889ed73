/** Which of two manifests is newer. */
import { describe, expect, it } from 'vitest';
import { isNewer } from './manifest-timing.ts';

const first = {
  setId: 'moby-1',
  acceptedAt: '2026-01-05T09:00:00.000Z',
  acceptedSeq: 10,
  generatedFromSeq: 50,
};

describe('a manifest replaces', () => {
  it.each([
    ['an earlier one of its run', { ...first, generatedFromSeq: 90 }, true],
    ['an identical one', first, false],
    ['a later one of its run', { ...first, generatedFromSeq: 20 }, false],
    [
      'one of a run accepted earlier, however late that ended',
      { setId: 'moby-2', acceptedAt: '2026-01-05T09:00:01.000Z', acceptedSeq: 11, generatedFromSeq: 30 },
      true,
    ],
    [
      'one of a run accepted later',
      { setId: 'moby-0', acceptedAt: '2026-01-05T08:59:59.000Z', acceptedSeq: 9, generatedFromSeq: 99 },
      false,
    ],
    [
      'one from an abandoned log with higher sequences',
      { setId: 'moby-3', acceptedAt: '2026-02-01T00:00:00.000Z', acceptedSeq: 1, generatedFromSeq: 5 },
      true,
    ],
    [
      'one of a run accepted before it in the same millisecond',
      { ...first, setId: 'moby-4', acceptedSeq: 11 },
      true,
    ],
  ])('%s: %j, %s', (_, one, expected) => {
    expect(isNewer(one, first, false)).toBe(expected);
  });

  it.each([
    ['accepted later, after the clock was set back', 11, '2026-01-05T08:00:00.000Z', true],
    ['accepted earlier, while the clock was ahead', 9, '2026-01-05T10:00:00.000Z', false],
  ])('one from the same log whose run was %s: %s', (_, acceptedSeq, acceptedAt, expected) => {
    expect(isNewer({ ...first, setId: 'moby-5', acceptedSeq, acceptedAt }, first, true)).toBe(expected);
  });
});
