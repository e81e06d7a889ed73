import { expect, test } from 'vitest';
import { hasEnded, hasManifest, isOpen, SET_STATES } from './set-state.ts';

test('a set is open or has ended; it has a manifest once a round ends without rejection, even in a retry', () => {
  const standing = SET_STATES.map((state) => [
    state,
    isOpen({ state }),
    hasEnded({ state }),
    hasManifest({ state, round: 1 }),
    hasManifest({ state, round: 2 }),
  ]);
  expect(standing).toEqual([
    ['running', true, false, false, true],
    ['paused', true, false, false, true],
    ['completed', false, true, true, true],
    ['cancelled', false, true, true, true],
    ['rejected', false, true, false, false],
  ]);
});
