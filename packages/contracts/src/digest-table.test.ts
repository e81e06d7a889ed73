import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DigestTable, digestOf } from './digest-table.ts';

test('keeps each text and the first number that it was given, however often the table grows', () => {
  const table = new DigestTable();
  for (let number = 1; number <= 20_000; number++)
    expect(table.add(digestOf(`event/${number}`), number)).toBeUndefined();
  expect(table.size).toBe(20_000);
  expect(table.add(digestOf('event/1'), 20_001)).toBe(1);
  expect(table.add(digestOf('event/20000'), 20_001)).toBe(20_000);
  expect(table.get(digestOf('event/7'))).toBe(7);
  expect(table.get(digestOf('event/0'))).toBeUndefined();
  expect(table.size).toBe(20_000);
});

test('scatters texts whose SHA-256 was chosen to make them collide', () => {
  const crowd = Array.from({ length: 20_000 }, (_, index) => `${index.toString(36)}.mp3`).filter((text) =>
    hash('sha256', text).startsWith('00'),
  );
  expect(crowd.length).toBeGreaterThan(50);
  const places = new Set(crowd.map((text) => digestOf(text)[0] & 0xff));
  expect(places.size).toBeGreaterThan(crowd.length / 2);
});
