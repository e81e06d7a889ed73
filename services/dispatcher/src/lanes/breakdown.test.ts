/** How a dispatcher stops when it can't continue. */
import { expect, test, vi } from 'vitest';
import { Breakdown } from './breakdown.ts';

test('logs each failure at once, waits for work in progress, and throws the first failure', async () => {
  const logger = { error: vi.fn() };
  const breakdown = new Breakdown(logger);
  const work = Promise.withResolvers<void>();
  const ended = vi.fn();
  const ending = expect(breakdown.endsWithin(60_000, work.promise).finally(ended)).rejects.toThrow('first');
  for (const what of ['first', 'second']) breakdown.fail(new Error(what));
  expect(breakdown.signal.aborted).toBe(true);
  expect(logger.error.mock.calls.map(([{ err }]) => err.message)).toEqual(['first', 'second']);
  expect(ended).not.toHaveBeenCalled();
  work.resolve();
  await ending;
});
