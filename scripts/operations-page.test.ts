/** Following docs/operations.md step by step pays for nothing twice. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const page = readFileSync(resolve(import.meta.dirname, '..', 'docs/operations.md'), 'utf8');

test('after a restore, audio made since the backup is registered before anything starts that pays', () => {
  const [, section = ''] = page.split('\n## Backup and restore\n');
  const steps = [...section.matchAll(/^\d\. [^\n]*(?:\n {3}[^\n]*)*/gm)].map(([step]) => step);
  const at = (words: string): number => steps.findIndex((step) => step.includes(words));
  expect(at('setlist audit restore')).toBeGreaterThan(-1);
  expect(at('setlist adopt')).toBeGreaterThan(at('setlist audit restore'));
  expect(at('Start the services')).toBeGreaterThan(at('setlist adopt'));
  expect(at('Hand over again')).toBeGreaterThan(at('Start the services'));
});
