/** Following docs/moving-from-the-reference.md line by line pays for nothing twice. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const page = readFileSync(resolve(import.meta.dirname, '..', 'docs/moving-from-the-reference.md'), 'utf8');

test('the sample’s trigger is removed before Setlist gets a bucket that the trigger may watch', () => {
  const removed = page.indexOf("--notification-configuration '{}'");
  expect(removed).toBeGreaterThan(-1);
  for (const given of ['--inbox s3://', '`STORE`', '`INBOX`', '`OUTPUT`']) {
    const first = page.indexOf(given);
    expect(first, given).toBeGreaterThan(removed);
  }
});
