/** The page's words for file names, times and rates. */
import { expect, test } from 'vitest';
import { fileNameOf, perSecond, timeOfDay, timesBetween } from '../../page/src/parts/figures.ts';

test.each([
  ['file:///inbox/50%25%20off.yml', '50% off.yml'],
  ['s3://in/50%off.yml', '50%off.yml'],
  ['s3://in/50%25.yml', '50%25.yml'],
  ['file:///inbox/50%off.yml', '50%off.yml'],
])('the file at %s is %s', (uri, name) => {
  expect(fileNameOf(uri)).toBe(name);
});

test('times within one day are shown without the day, and others with it', () => {
  const [evening, night, morning] = [
    new Date(2026, 10, 28, 22, 15, 1),
    new Date(2026, 10, 28, 23, 59, 59),
    new Date(2026, 10, 29, 22, 15, 1),
  ].map(Number) as [number, number, number];
  expect(timesBetween(evening, night)(evening)).toBe(timeOfDay(evening));
  const timeOf = timesBetween(evening, morning);
  expect(timeOf(evening)).toContain('28');
  expect(timeOf(morning)).toContain('29');
});

test('a rate says what it counts', () => {
  expect([0.42, 41.3].map(perSecond)).toEqual(['0.4 items/s', '41 items/s']);
});
