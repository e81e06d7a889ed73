import { describe, expect, test } from 'vitest';
import { Pace } from './pace.ts';

const RPS = 8;
/** How long a task is assumed to take until one has been measured. */
const FIRST_GUESS_MS = 10_000;

describe('a task started now', () => {
  test('is in time while calls alone would take longer', () => {
    const pace = new Pace(RPS);
    const enough = (RPS * FIRST_GUESS_MS) / 1_000;
    expect(pace.isTaskInTime({ here: 0, untaken: enough, share: 1, now: 0 })).toBe(true);
    expect(pace.isTaskInTime({ here: 0, untaken: enough - 1, share: 1, now: 0 })).toBe(false);
  });

  test('is in time with fewer items left where the set has only a share of the calls', () => {
    const pace = new Pace(RPS);
    expect(pace.isTaskInTime({ here: 0, untaken: 50, share: 1, now: 0 })).toBe(false);
    expect(pace.isTaskInTime({ here: 0, untaken: 50, share: 0.5, now: 0 })).toBe(true);
  });

  test('is judged by the tasks measured so far', () => {
    const pace = new Pace(RPS);
    for (let task = 0; task < 30; task++) pace.taskEnded(0, 1_000);
    expect(pace.isTaskInTime({ here: 0, untaken: 2 * RPS, share: 1, now: 0 })).toBe(true);
    for (let task = 0; task < 30; task++) pace.taskEnded(0, 60_000);
    expect(pace.isTaskInTime({ here: 0, untaken: 50 * RPS, share: 1, now: 0 })).toBe(false);
  });

  test('is given more time where tasks take unequally long', () => {
    const pace = new Pace(RPS);
    for (let task = 0; task < 60; task++) pace.taskEnded(0, task % 2 === 0 ? 5_000 : 15_000);
    expect(pace.isTaskInTime({ here: 0, untaken: 20 * RPS, share: 1, now: 0 })).toBe(false);
    expect(pace.isTaskInTime({ here: 0, untaken: 40 * RPS, share: 1, now: 0 })).toBe(true);
  });

  test('is judged by long texts only where they show that tasks take less', () => {
    const pace = new Pace(RPS);
    const ordinary = { here: 0, untaken: 2 * RPS, share: 1, now: 0 };
    pace.taskEnded(0, 300_000, true);
    expect(pace.isTaskInTime({ ...ordinary, untaken: 11 * RPS })).toBe(true);
    pace.taskEnded(0, 500, true);
    expect(pace.isTaskInTime(ordinary)).toBe(true);
    pace.taskEnded(0, 300_000, true);
    expect(pace.isTaskInTime(ordinary)).toBe(true);
  });

  test('is judged by the first guess again once none has ended for some minutes', () => {
    const pace = new Pace(RPS);
    const ordinary = { here: 0, untaken: 20 * RPS, share: 1 };
    pace.taskEnded(0, 300_000);
    expect(pace.isTaskInTime({ ...ordinary, now: 60_000 })).toBe(false);
    expect(pace.isTaskInTime({ ...ordinary, now: 600_000 })).toBe(true);
    pace.taskEnded(600_000, 1_000);
    expect(pace.isTaskInTime({ ...ordinary, untaken: 3 * RPS, now: 600_000 })).toBe(true);
  });

  test('is judged by the calls measured so far where there is no quota', () => {
    const pace = new Pace();
    expect(pace.isTaskInTime({ here: 0, untaken: 1_000_000, share: 1, now: 0 })).toBe(false);
    for (let call = 0; call <= 20; call++) pace.callEnded(call * 100, true);
    expect(pace.isTaskInTime({ here: 0, untaken: 120, share: 1, now: 2_000 })).toBe(true);
    expect(pace.isTaskInTime({ here: 0, untaken: 80, share: 1, now: 2_000 })).toBe(false);
  });

  test('is in time for items waiting here where this replica has only a part of the quota', () => {
    const pace = new Pace(RPS);
    for (let call = 0; call <= 20; call++) pace.callEnded(call * 500, true);
    expect(pace.isTaskInTime({ here: 20, untaken: 0, share: 1, now: 10_000 })).toBe(true);
    expect(pace.isTaskInTime({ here: 18, untaken: 0, share: 1, now: 10_000 })).toBe(false);
    expect(pace.isTaskInTime({ here: 1, untaken: 80, share: 1, now: 10_000 })).toBe(true);
  });

  test('is not judged by calls behind which nothing waited', () => {
    const pace = new Pace(RPS);
    for (let call = 0; call <= 20; call++) pace.callEnded(call * 500, call % 5 > 0);
    expect(pace.isTaskInTime({ here: 79, untaken: 0, share: 1, now: 10_000 })).toBe(false);
  });

  test('is never in time for a while after one was refused', () => {
    const pace = new Pace(RPS);
    pace.taskRefused(0);
    expect(pace.isTaskInTime({ here: 0, untaken: 1_000, share: 1, now: 59_000 })).toBe(false);
    expect(pace.isTaskInTime({ here: 0, untaken: 1_000, share: 1, now: 61_000 })).toBe(true);
  });
});
