import { expect, test } from 'vitest';
import { PutOffs } from './put-offs.ts';

test('a message waits as long as it was put off for, others don’t', () => {
  let nowMs = 0;
  const putOffs = new PutOffs(() => nowMs);
  putOffs.putOff('a', 100);
  expect([putOffs.leftMs('a'), putOffs.leftMs('b')]).toEqual([100, 0]);
  nowMs = 60;
  expect(putOffs.leftMs('a')).toBe(40);
  putOffs.putOff('a', 100);
  expect(putOffs.leftMs('a')).toBe(100);
  nowMs = 160;
  expect(putOffs.leftMs('a')).toBe(0);
});

test('holds a bounded number: the oldest is forgotten first', () => {
  const putOffs = new PutOffs(() => 0);
  for (let n = 0; n <= 10_000; n++) putOffs.putOff(`m${n}`, 100);
  expect([putOffs.leftMs('m0'), putOffs.leftMs('m1'), putOffs.leftMs('m10000')]).toEqual([0, 100, 100]);
});
