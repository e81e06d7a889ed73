/** Following docs/operations.md step by step pays for nothing twice, and leaves nothing unreadable. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(resolve(import.meta.dirname, '..', path), 'utf8');
const page = read('docs/operations.md');

test('after a restore, audio made since the backup is registered before anything starts that pays', () => {
  const [, section = ''] = page.split('\n## Backup and restore\n');
  const steps = [...section.matchAll(/^\d\. [^\n]*(?:\n {3}[^\n]*)*/gm)].map(([step]) => step);
  const at = (words: string): number => steps.findIndex((step) => step.includes(words));
  expect(at('setlist audit restore')).toBeGreaterThan(-1);
  expect(at('setlist adopt')).toBeGreaterThan(at('setlist audit restore'));
  expect(at('Cancel or pause again')).toBeGreaterThan(at('setlist adopt'));
  expect(at('Start the other services')).toBeGreaterThan(at('Cancel or pause again'));
  expect(at('Hand over again')).toBeGreaterThan(at('Start the other services'));
});

test('with Docker, trackers are updated before dispatchers, and the rest last, as the manual says', () => {
  const [, section = ''] = read('docs/docker.md').split('\n## Updating and room\n');
  expect(section.match(/^docker compose up .*--build.*$/gm)?.map((line) => line.split('--build')[1])).toEqual(
    [' tracker', ' dispatcher', ''],
  );
});

test('the way back to an older version quotes the message with which that version ends', () => {
  const [, section = ''] = page.split('\n## Going back to an older version\n');
  const said = section.replaceAll('\n', ' ').replaceAll(/version \d/g, 'version N');
  const source = read('packages/sets/src/projections/take-stock.ts').replaceAll(
    /version \$\{\w+\}/g,
    'version N',
  );
  const [, message = ''] = /`(the projections were made by[^`]+)`/.exec(source) ?? [];
  expect(said).toContain(`\`${message}\``);
  expect(section).toContain('setlist audit verify --repair');
});
