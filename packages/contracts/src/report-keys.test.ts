import { expect, test } from 'vitest';
import { reportKeys } from './report-keys.ts';

test('the reports on a file in a bucket are beside it', () => {
  expect(reportKeys('a/b/act-1.yml')).toEqual({
    text: 'a/b/act-1.yml.problems.txt',
    json: 'a/b/act-1.yml.problems.json',
    warnings: 'a/b/act-1.yml.warnings.txt',
  });
  expect(reportKeys('s3://sets/act-1.yml').text).toBe('s3://sets/act-1.yml.problems.txt');
});

test('their names are shortened where a file system could not hold them', () => {
  expect(reportKeys(`in/${'桜'.repeat(70)}.yml`).text).toBe(`in/${'桜'.repeat(67)}.yml.problems.txt`);
});
