import { expect, test } from 'vitest';
import { openStore } from './open-store.ts';
import { storesByUri } from './stores-by-uri.ts';

test('an address that was opened before gives the store that is already open', () => {
  const canonical = openStore('/out/audio');
  const storeAt = storesByUri({}, [canonical]);
  const bucket = storeAt('s3://bucket/prefix');
  expect(bucket.uri).toBe('s3://bucket/prefix');
  expect(storeAt('s3://bucket/prefix')).toBe(bucket);
  expect(storeAt(canonical.uri)).toBe(canonical);
  expect(storeAt('/out/other')).not.toBe(canonical);
});

test('an address that names no store is refused each time', () => {
  const storeAt = storesByUri({});
  for (const _ of [1, 2]) {
    expect(() => storeAt('gs://bucket')).toThrow(expect.objectContaining({ code: 'invalid-uri' }));
  }
});
