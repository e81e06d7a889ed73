import { expect, test } from 'vitest';
import type { Item } from '../settle/item.ts';
import { NewSounds } from './new-sounds.ts';

const item = (changes: { deliveries?: number; tries?: number } = {}): Item =>
  ({ work: { deliveries: changes.deliveries ?? 1 }, tries: changes.tries ?? 0 }) as Item;

test('the first sound of a set is looked up, and those after a new one are assumed to be new', () => {
  const sounds = new NewSounds();
  expect(sounds.take(item(), 0)).toBe(false);
  sounds.met(true);
  expect([sounds.take(item(), 0), sounds.take(item(), 1_000)]).toEqual([true, true]);
  sounds.met(false);
  expect(sounds.take(item(), 0)).toBe(false);
});

test('an item that comes back is looked up, and so are those after it until one is new', () => {
  const sounds = new NewSounds();
  sounds.met(true);
  const wrong = item();
  expect(sounds.take(wrong, 0)).toBe(true);
  expect([sounds.take(wrong, 0), sounds.take(item(), 0)]).toEqual([false, false]);
  sounds.met(true);
  expect([sounds.take(item(), 0), sounds.take(wrong, 0)]).toEqual([true, false]);
});

test('an item that was delivered or tried before, or would wait long for its call, is looked up', () => {
  const sounds = new NewSounds();
  sounds.met(true);
  expect(sounds.take(item({ deliveries: 2 }), 0)).toBe(false);
  expect(sounds.take(item({ tries: 1 }), 0)).toBe(false);
  expect(sounds.take(item(), 1_001)).toBe(false);
  expect(sounds.take(item(), 0)).toBe(true);
});
