import { expect, test } from 'vitest';
import { EXIT, worstOf } from './exit-codes.ts';

test('of several sets the exit code is that of the one to look at first', () => {
  expect(worstOf([])).toBe(EXIT.done);
  expect(worstOf([EXIT.done, EXIT.someFailed, EXIT.done])).toBe(EXIT.someFailed);
  expect(worstOf([EXIT.someFailed, EXIT.refused, EXIT.cancelled])).toBe(EXIT.refused);
});
