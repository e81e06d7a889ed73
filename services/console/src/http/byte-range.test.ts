import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { partOf, rangeOf } from './byte-range.ts';

it.each([
  [undefined, 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=0-1,3-4', 'whole'],
  ['bytes=0-', { from: 0, to: 9 }],
  ['bytes=3-5', { from: 3, to: 5 }],
  ['bytes=3-99', { from: 3, to: 9 }],
  ['bytes=-4', { from: 6, to: 9 }],
  ['bytes=-99', { from: 0, to: 9 }],
  ['bytes=10-', 'outside'],
])('takes %s of ten bytes for %o', (header, range) => {
  expect(rangeOf(header, 10)).toEqual(range);
});

it('yields exactly the bytes of a part, however the body is chunked, and reads no further', async () => {
  for (const lengths of [[10], [1, 2, 3, 4], [5, 5], [3, 0, 7]]) {
    for (let from = 0; from < 10; from++) {
      for (let to = from; to < 10; to++) {
        let read = 0;
        const pieces = async function* () {
          for (const length of lengths) {
            yield Uint8Array.from({ length }, (_, at) => read + at);
            read += length;
          }
        };
        const part = await buffer(partOf(pieces(), { from, to }));
        expect([...part]).toEqual(Array.from({ length: to - from + 1 }, (_, at) => from + at));
        expect(read).toBeLessThanOrEqual(to);
      }
    }
  }
});
