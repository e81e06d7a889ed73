import { expect, test } from 'vitest';
import { HostClock } from './host-clock.ts';

const HOUR_MS = 3_600_000;

function hostOf() {
  const time = { steady: 1_000_000, wall: 1_000_000, up: 60_000, steps: 0 };
  const clock = new HostClock({ steady: () => time.steady, wall: () => time.wall, up: () => time.up });
  clock.onStep = () => time.steps++;
  return {
    time,
    clock,
    runs(ms: number) {
      for (const which of ['steady', 'wall', 'up'] as const) time[which] += ms;
    },
    sleeps(ms: number) {
      for (const which of ['wall', 'up'] as const) time[which] += ms;
    },
  };
}

test('includes every sleep of the host, from the first reading after it', () => {
  const { clock, runs, sleeps, time } = hostOf();
  const begun = clock.now();
  sleeps(HOUR_MS);
  expect(clock.now() - begun).toBe(HOUR_MS);
  runs(5_000);
  sleeps(2 * HOUR_MS);
  expect(clock.now() - begun).toBe(3 * HOUR_MS + 5_000);
  expect(time.steps).toBe(2);
});

test('ignores a step of the wall clock, and reports it', () => {
  const { clock, runs, time } = hostOf();
  const begun = clock.now();
  time.wall -= HOUR_MS;
  runs(1_000);
  expect(clock.now() - begun).toBe(1_000);
  time.wall += 2 * HOUR_MS;
  expect(clock.now() - begun).toBe(1_000);
  expect(time.steps).toBe(2);
});

test('is not moved by an uptime in whole seconds', () => {
  const { clock, time, runs } = hostOf();
  const begun = clock.now();
  runs(900);
  time.up += 100;
  time.wall += HOUR_MS;
  expect(clock.now() - begun).toBe(900);
});

test('does not take a wall clock that runs a little fast for a step', () => {
  const { clock, runs, time } = hostOf();
  for (let second = 0; second < 100; second++) {
    runs(1_000);
    time.wall += 20;
    clock.now();
  }
  expect(time.steps).toBe(0);
});
