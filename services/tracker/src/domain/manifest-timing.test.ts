/** Which manifest holds. */
import { describe, expect, it } from 'vitest';
import { isNewer } from './manifest-timing.ts';

const first = {
  setId: 'moby-1',
  acceptedAt: '2026-01-05T09:00:00.000Z',
  acceptedSeq: 10,
  generatedFromSeq: 50,
};

describe('a manifest takes the place of', () => {
  it.each([
    ['an earlier one of its run', { ...first, generatedFromSeq: 90 }, true],
    ['its equal', first, false],
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
      'one of a log that was given up, whose sequences were higher',
      { setId: 'moby-3', acceptedAt: '2026-02-01T00:00:00.000Z', acceptedSeq: 1, generatedFromSeq: 5 },
      true,
    ],
    [
      'one of a run accepted in the same millisecond before it',
      { ...first, setId: 'moby-4', acceptedSeq: 11 },
      true,
    ],
  ])('%s: %j, %s', (_, one, expected) => {
    expect(isNewer(one, first, false)).toBe(expected);
  });

  it.each([
    ['accepted later by a clock that was set back since', 11, '2026-01-05T08:00:00.000Z', true],
    ['accepted earlier by a clock that was ahead', 9, '2026-01-05T10:00:00.000Z', false],
  ])('one of the same log as its run was %s: %s', (_, acceptedSeq, acceptedAt, expected) => {
    expect(isNewer({ ...first, setId: 'moby-5', acceptedSeq, acceptedAt }, first, true)).toBe(expected);
  });
});
