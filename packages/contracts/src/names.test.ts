import { expect, test } from 'vitest';
import { parseWorkDurable, setOfSubject, subjects, workDurable } from './index.ts';

const SET = 'departures-20261122t060000-k3f9q2';

test('every subject of a set names its set, and no other subject does', () => {
  const ofSet = [
    subjects.state(SET),
    subjects.requested(SET, 'neural'),
    subjects.outcome(SET, 'long-form', 4, 1),
    subjects.notice(SET, `${SET}/completed/1`, 'mail'),
  ];
  expect(ofSet.map(setOfSubject)).toEqual(ofSet.map(() => SET));
  expect(() => setOfSubject(subjects.sound('a'.repeat(64)))).toThrow(RangeError);
});

test('a work durable names its set and lane, and another durable names neither', () => {
  expect(parseWorkDurable(workDurable(SET, 'long-form'))).toEqual({ setId: SET, lane: 'long-form' });
  expect(parseWorkDurable('notifier')).toBeUndefined();
});
