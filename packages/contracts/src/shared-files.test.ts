import { expect, test } from 'vitest';
import { mayShareFiles } from './shared-files.ts';

test.each([
  ['out', 'tour', 'out', 'tour', true],
  ['out', 'tour', 'out', 'tour/en', true],
  ['out', 'tour/en', 'out', 'tour', true],
  ['out', 'tour', 'out', 'tours', false],
  ['out', 'tour', 'elsewhere', 'tour', false],
])('sets in %s/%s and %s/%s may share files: %s', (output, prefix, other, otherPrefix, may) => {
  expect(mayShareFiles({ output, prefix }, { output: other, prefix: otherPrefix })).toBe(may);
});
