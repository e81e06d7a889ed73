/** The page's words for what events name. */
import { expect, test } from 'vitest';
import { fileNameOf } from '../page/src/parts/figures.ts';

test.each([
  ['file:///inbox/50%25%20off.yml', '50% off.yml'],
  ['s3://in/50%off.yml', '50%off.yml'],
  ['s3://in/50%25.yml', '50%25.yml'],
  ['file:///inbox/50%off.yml', '50%off.yml'],
])('the file at %s is %s', (uri, name) => {
  expect(fileNameOf(uri)).toBe(name);
});
