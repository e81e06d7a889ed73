import { ITEMS_PER_PAGE, itemsPageSchema } from '@setlist/contracts';
import { eventsOf, recorded } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { projectSet } from '../../test/project-set.ts';

/** The size limit, in bytes, of a broker's message, headers included. */
const BROKER_LIMIT_BYTES = 1_048_576;
const HEADER_BYTES = 1_024;

const set = eventsOf(undefined, ITEMS_PER_PAGE);

/** The page after all of its items failed, with the given names and messages. */
function pageOf(file: (index: number) => string, words: string) {
  const failures = Array.from({ length: ITEMS_PER_PAGE }, (_, index) => {
    const failed = set.failed(index);
    const said = { message: `${file(index)}: ${words}`, remedy: words, file: file(index) };
    return { ...failed, data: { ...failed.data, ...said } };
  });
  const page = projectSet(recorded([set.accepted(), ...failures])).pages.get(0);
  expect(itemsPageSchema.parse(page)).toEqual(page);
  return page;
}

const numbered = (index: number, fill: string, most: number): string =>
  `${index}${fill.repeat(most)}`.slice(0, most);

describe('a page of items that all failed', () => {
  test.each([
    ['names of 1,024 bytes', (index: number) => numbered(index, 'n', 1_024), 'no such folder '.repeat(100)],
    ['names that JSON doubles', (index: number) => numbered(index, '"', 1_024), 'x'],
    ['messages that JSON makes six times as long', (index: number) => `${index}.mp3`, '\u0001'.repeat(5_000)],
    ['words of many bytes', (index: number) => numbered(index, '語', 341), '🎧'.repeat(2_000)],
  ])('fits into one message of the broker, with %s', (_, file, words) => {
    const bytes = Buffer.byteLength(JSON.stringify(pageOf(file, words)));
    expect(bytes).toBeLessThan(BROKER_LIMIT_BYTES - HEADER_BYTES);
  });

  test('keeps the longest names in full, and the beginning of why each failed', () => {
    const page = pageOf((index) => numbered(index, 'n', 1_024), 'no such folder '.repeat(100));
    for (const { index, file, message, remedy } of page?.items ?? []) {
      expect(file).toBe(numbered(index, 'n', 1_024));
      expect(message).toMatch(/^\d+n+…$/);
      expect(remedy).toMatch(/^(no such folder )+.*…$/);
    }
  });

  test('keeps in full why each failed where names are not that long', () => {
    const words = 'The store answered that it has no room left. '.repeat(12);
    for (const { message, remedy } of pageOf((index) => `book/${index}.mp3`, words)?.items ?? []) {
      expect(message).toMatch(words);
      expect(remedy).toBe(words);
    }
  });
});
