/** Moments derive from their seed alone, so that failures can be reproduced. */
import { expect, test } from 'vitest';
import { describeMoment, momentOf, VICTIMS } from './kills/moments.ts';

const numbers = Array.from({ length: 600 }, (_, index) => index + 1);

test('a moment is always the same for its seed, and different for another seed', () => {
  const drawn = numbers.map((number) => describeMoment(momentOf(7, number)));
  expect([...numbers].reverse().map((number) => describeMoment(momentOf(7, number)))).toEqual(
    drawn.toReversed(),
  );
  expect(numbers.map((number) => describeMoment(momentOf(8, number)))).not.toEqual(drawn);
});

test('in six consecutive moments each process has one, and half of all moments are by time', () => {
  const moments = numbers.map((number) => momentOf(7, number));
  for (let first = 0; first < moments.length; first += VICTIMS.length)
    expect(new Set(moments.slice(first, first + VICTIMS.length).map(({ victim }) => victim)).size).toBe(6);
  expect(moments.filter(({ trigger }) => trigger.kind === 'time')).toHaveLength(300);
});

test('every victim is killed by time and at every worthwhile event, all over a set, by one path and by both', () => {
  const moments = numbers.map((number) => momentOf(7, number));
  for (const victim of VICTIMS) {
    const shares = moments.flatMap(({ victim: is, trigger }) =>
      is === victim && trigger.kind === 'time' ? [trigger.share] : [],
    );
    expect(Math.min(...shares)).toBeLessThan(0.1);
    expect(Math.max(...shares)).toBeGreaterThan(0.9);
    const byPaths = (kind: 'time' | 'event') =>
      moments.flatMap(({ victim: is, trigger, bothPaths }) =>
        is === victim && trigger.kind === kind ? [bothPaths] : [],
      );
    for (const kind of ['time', 'event'] as const) expect(new Set(byPaths(kind)).size).toBe(2);
  }
  const met = moments.flatMap(({ victim, trigger }) =>
    victim === 'nats-server' && trigger.kind !== 'time'
      ? [trigger.kind === 'event' ? trigger.name : 'mail']
      : [],
  );
  expect(new Set(met).size).toBe(8);
});
