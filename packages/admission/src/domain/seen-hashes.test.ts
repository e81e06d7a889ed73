/** Every sound counts once, however many sounds there are. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { SeenHashes } from './seen-hashes.ts';

it('distinguishes seen hashes from new ones, through every growth of its table', () => {
  const seen = new SeenHashes();
  const hashes = Array.from({ length: 20_000 }, (_, index) =>
    createHash('sha256').update(String(index)).digest('hex'),
  );
  expect(hashes.filter((hash) => seen.add(hash))).toHaveLength(20_000);
  expect(hashes.filter((hash) => seen.add(hash))).toHaveLength(0);
  expect(hashes.filter((hash) => seen.has(hash))).toHaveLength(20_000);
  expect(hashes.filter((hash) => seen.has([...hash].reverse().join('')))).toHaveLength(0);
});

it('takes a hash that begins with zeros', () => {
  const seen = new SeenHashes();
  const zeros = '0'.repeat(64);
  expect([seen.add(zeros), seen.add(zeros)]).toEqual([true, false]);
});
