import { expect, test } from 'vitest';
import { fileNameOfUri } from './file-name-of-uri.ts';

test.each([
  ['file:///srv/setlist/inbox/romeo%20juliet.yml', 'romeo juliet.yml'],
  ['file:///inbox/50%25off%3F%23.yml', '50%off?#.yml'],
  ['file:///inbox/50%off.yml', '50%off.yml'],
  ['s3://my-sets/in/50%off.yml', '50%off.yml'],
  ['s3://my-sets/in/50%25off.yml', '50%25off.yml'],
  ['s3://my-sets/in/Act #1.yml', 'Act #1.yml'],
  ['s3://my-sets/in/who?.yml', 'who?.yml'],
  ['s3://my-sets/in/a\\b.yml', 'a\\b.yml'],
  ['/srv/inbox/100%.yml', '100%.yml'],
  ['C:\\inbox\\b.yml', 'b.yml'],
  ['c.yml', 'c.yml'],
])('names the file of %s', (uri, name) => {
  expect(fileNameOfUri(uri)).toBe(name);
});
