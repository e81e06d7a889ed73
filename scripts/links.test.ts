/** Every link in the manual leads to a file, and to an existing heading if it names one. */
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { deadLinks } from './links.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = globSync(['*.md', 'docs/**/*.md', '{packages,services}/*/README.md'], { cwd: ROOT });

test.each(PAGES)('%s', (page) => {
  expect(deadLinks(join(ROOT, page))).toEqual([]);
});
