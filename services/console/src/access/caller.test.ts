/** Sets by patterns of their names. */
import { describe, expect, it } from 'vitest';
import { namePatterns } from './caller.ts';

describe('patterns of names', () => {
  it.each([
    [['airport-*'], 'airport-gates', true],
    [['airport-*'], 'the-airport-gates', false],
    [['a.c'], 'abc', false],
    [['*'], 'Any name (at all)', true],
    [[], 'anything', false],
    [undefined, 'anything', true],
  ])('%j lets %s: %s', (patterns, name, expected) => {
    expect(namePatterns(patterns)(name)).toBe(expected);
  });
});
