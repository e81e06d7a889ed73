import { expect, test } from 'vitest';
import { mayShareFiles } from './shared-files.ts';

test.each([
  [{ output: 'out', prefix: 'tour' }, { output: 'out', prefix: 'tour' }, true],
  [{ output: 'out', prefix: 'tour' }, { output: 'out', prefix: 'tour/en' }, true],
  [{ output: 'out', prefix: 'tour/en' }, { output: 'out', prefix: 'tour' }, true],
  [{ output: 'out', prefix: 'tour' }, { output: 'out', prefix: 'tours' }, false],
  [{ output: 'out', prefix: 'tour' }, { output: 'elsewhere', prefix: 'tour' }, false],
])('sets in %j and %j may share files: %s', (one, another, may) => {
  expect(mayShareFiles(one, another)).toBe(may);
});
