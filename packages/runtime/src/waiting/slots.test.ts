/** Waiting for slots, taking them and giving up. */
import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('a waiter that gives up leaves its turn to the next', async () => {
  const slots = new Slots(1);
  const first = await slots.take();
  const leaving = new AbortController();
  const given: string[] = [];
  const second = slots.take(leaving.signal);
  const third = slots.take().then((slot) => {
    given.push('third');
    return slot;
  });
  expect(slots.waiting).toBe(2);
  leaving.abort(new Error('left'));
  expect(slots.waiting).toBe(1);
  await expect(second).rejects.toThrow('left');
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  expect(given).toEqual(['third']);
  using _free = await slots.take();
  await expect(slots.take(leaving.signal)).rejects.toThrow('left');
});

test('an abort after the turn has come has no effect', async () => {
  const slots = new Slots(1);
  const first = await slots.take();
  const leaving = new AbortController();
  const second = slots.take(leaving.signal);
  first[Symbol.dispose]();
  leaving.abort();
  (await second)[Symbol.dispose]();
  using _free = await slots.take();
});

test('a slot released twice is free once', async () => {
  const slots = new Slots(1);
  const first = await slots.take();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  using _held = await slots.take();
  const leaving = new AbortController();
  const second = slots.take(leaving.signal);
  leaving.abort(new Error('none was free'));
  await expect(second).rejects.toThrow('none was free');
});
