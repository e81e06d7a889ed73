/** A process holds each claim once, however often the broker delivers its item. */
import { expect, it } from 'vitest';
import { TakenClaims } from './taken-claims.ts';

const wanted = { hash: 'a', ordinal: 1, item: { set: 's', index: 0, attempt: 1 } };

it('gives a claim to the first of two copies of an item, even while it is being appended', async () => {
  const taken = new TakenClaims();
  const appending = Promise.withResolvers<string>();
  const first = taken.once(wanted, () => appending.promise);
  const second = await taken.once(wanted, async () => 'second');
  appending.resolve('first');
  expect([await first, second]).toEqual(['first', undefined]);
  expect(await taken.once(wanted, async () => 'third')).toBeUndefined();
  expect(await taken.once({ ...wanted, ordinal: 2 }, async () => 'next')).toBe('next');
});

it('lets a claim be retried that was refused, or whose append failed', async () => {
  const taken = new TakenClaims();
  expect(await taken.once(wanted, async () => undefined)).toBeUndefined();
  await expect(taken.once(wanted, () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
  expect(await taken.once(wanted, async () => 'had')).toBe('had');
});
