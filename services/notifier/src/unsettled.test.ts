import { beforeEach, describe, expect, test } from 'vitest';
import { Unsettled } from './unsettled.ts';

let nowMs: number;
let unsettled: Unsettled;

beforeEach(() => {
  nowMs = 0;
  unsettled = new Unsettled(() => nowMs, 50);
});

test('a message waits for as long as it was put off, and others don’t', () => {
  unsettled.putOff('a', 100);
  expect([unsettled.leftMs('a'), unsettled.leftMs('b')]).toEqual([100, 0]);
  nowMs = 60;
  expect(unsettled.leftMs('a')).toBe(40);
  unsettled.putOff('a', 100);
  expect(unsettled.leftMs('a')).toBe(100);
  nowMs = 160;
  expect(unsettled.leftMs('a')).toBe(0);
});

test('holds a bounded number: the oldest is forgotten first', () => {
  for (let n = 0; n <= 10_000; n++) unsettled.putOff(`m${n}`, 100);
  const left = ['m0', 'm1', 'm10000'].map((key) => unsettled.leftMs(key));
  expect(left).toEqual([0, 100, 100]);
});

describe('the tries of a message', () => {
  test('count the tries that were made, however often it was handed out', () => {
    for (const times of [1, 2, 3]) unsettled.handedOut('a', times);
    expect(unsettled.tries('a')).toBe(0);
    unsettled.tried('a');
    unsettled.putOff('a', 100);
    unsettled.handedOut('a', 4);
    unsettled.tried('a');
    expect(unsettled.tries('a')).toBe(2);
  });

  test('start at one, for a try that may have been made elsewhere, if it was handed out before it came here', () => {
    unsettled.handedOut('a', 40);
    unsettled.tried('a');
    expect(unsettled.tries('a')).toBe(2);
  });

  test('wait for the time of grace, once, if it was handed out before it came here', () => {
    unsettled.handedOut('a', 1);
    unsettled.handedOut('b', 2);
    expect([unsettled.leftMs('a'), unsettled.leftMs('b')]).toEqual([0, 50]);
    nowMs = 50;
    unsettled.handedOut('b', 3);
    expect(unsettled.leftMs('b')).toBe(0);
  });

  test('don’t wait for it where there are too many to remember, which would wait again and again', () => {
    for (let n = 0; n <= 10_000; n++) unsettled.handedOut(`m${n}`, 2);
    unsettled.handedOut('m0', 3);
    expect(['m0', 'm9999', 'm10000'].map((key) => unsettled.leftMs(key))).toEqual([0, 50, 0]);
    expect(unsettled.tries('m0')).toBe(1);
    nowMs = 50 + 3_600_000;
    unsettled.handedOut('once the others are only left over', 2);
    expect(unsettled.leftMs('once the others are only left over')).toBe(50);
  });

  test('start over for a message that was settled', () => {
    unsettled.tried('a');
    unsettled.settled('a');
    unsettled.handedOut('a', 1);
    expect(unsettled.tries('a')).toBe(0);
  });
});
