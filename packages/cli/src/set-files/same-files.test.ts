import { expect, test } from 'vitest';
import { refusedForSameFiles } from './same-files.ts';

test('reads none of thousands of files whose prefixes do not meet, and takes no time for each pair', async () => {
  const setFiles = Array.from({ length: 8_000 }, (_, index) => ({
    path: `${index}.yml`,
    fileName: `${index}.yml`,
    file: { path: `/nowhere/${index}.yml`, bytes: 1, sha256: String(index) },
    set: { prefix: `books/book-${index}` },
    warnings: [],
  }));
  expect(await refusedForSameFiles(setFiles, false)).toEqual([]);
}, 5_000);
