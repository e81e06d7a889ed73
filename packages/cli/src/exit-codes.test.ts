import { expect, test } from 'vitest';
import { EXIT, worstOf } from './exit-codes.ts';

test('the exit code for several sets is that of the set to look at first', () => {
  expect(worstOf([])).toBe(EXIT.done);
  expect(worstOf([EXIT.done, EXIT.someFailed, EXIT.done])).toBe(EXIT.someFailed);
  expect(worstOf([EXIT.someFailed, EXIT.refused, EXIT.cancelled])).toBe(EXIT.refused);
});
