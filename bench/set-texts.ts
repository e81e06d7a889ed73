/** Set files to measure with: phrases of which no two are alike, short ones or as long as a book's paragraphs. */
import { readFileSync } from 'node:fs';
import { setFile } from '@setlist/e2e';
import type { Engine } from '@setlist/polly';
import type { Paths } from './benchmark.ts';

export interface SetText {
  readonly name: string;
  readonly text: string;
}

export interface SetTextOptions {
  readonly items: number;
  readonly engine?: Engine;
  readonly paths?: Paths;
  readonly phrase?: (index: number) => string;
}

/** A set file with this many phrases, for the local engine. */
export const setText = (name: string, { items, paths, ...how }: SetTextOptions): SetText => ({
  name,
  text: setFile(name, items, { ...how, paths: paths === 'both' ? 'both' : 'auto' }),
});

/** Characters of each paragraph of Moby-Dick, in order: 2,233 of them, from 4 to 3,626. */
const BOOK: readonly number[] = JSON.parse(
  readFileSync(new URL('book-lengths.json', import.meta.url), 'utf8'),
);
export const BOOK_ITEMS = BOOK.length;

const FILLER = 'and so the tale goes on from wave to wave ';

/** A text as long as the book's paragraph of that index, and unlike every other (a number goes before short ones). */
export function bookPhrase(index: number): string {
  const start = `${index} `;
  const length = Math.max(BOOK[index % BOOK.length] ?? 0, start.length + 1);
  return (start + FILLER.repeat(Math.ceil(length / FILLER.length))).slice(0, length - 1).concat('.');
}
