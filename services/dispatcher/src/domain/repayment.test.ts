import type { EventData } from '@setlist/contracts';
import type { ClaimRight, PaidSound } from '@setlist/sounds';
import { describe, expect, test } from 'vitest';
import { repaymentOf, wasOther } from './repayment.ts';

const right = (because: ClaimRight['because'], more: Partial<ClaimRight> = {}): ClaimRight => ({
  expectedSeq: 1,
  ordinal: 2,
  expired: 0,
  because,
  ...more,
});
const inDoubt = right('cut', { lost: { keyPrefix: 'x/a' } });
const operation = 'task';

describe('next to a payment that stands, or a call that was billed without usable audio', () => {
  test.each([
    ['a task after one that may have been accepted', 'task', inDoubt],
    ['a task after an expired claim', 'task', right('expired', { expired: 1 })],
    ['audio that an expired claim left behind', 'recovered', right('expired', { expired: 1 })],
    ['a task for a fresh recording', 'task', right('fresh')],
  ] as const)('%s is a second payment', (_, how, given) => {
    const { because } = given;
    expect(repaymentOf({ how, right: given, operation, isSecond: true })).toEqual({ repaid: { because } });
  });
});

describe('without an earlier payment or billed call in the log', () => {
  test.each([
    ['a task after one that may have been accepted, but was not found', 'task', inDoubt],
    ['a task after an expired claim', 'task', right('expired', { expired: 1 })],
    ['audio that an expired claim left behind', 'recovered', right('expired', { expired: 1 })],
    ['a first call', 'synthesized', right('new')],
    [
      'a task that is found after several dispatchers died during it',
      'recovered',
      right('expired', { expired: 3, lost: { keyPrefix: 'x/a', taskId: 'task-1' } }),
    ],
  ] as const)('%s is the first payment', (_, how, given) => {
    expect(repaymentOf({ how, right: given, operation, isSecond: false })).toEqual({});
  });

  test.each([
    ['a call after an expired claim', 'synthesized', right('expired', { expired: 1 })],
    ['audio found after several expired claims', 'recovered', right('expired', { expired: 2 })],
    [
      'audio found after claims expired and the sound was given up',
      'recovered',
      right('expired', { isUncounted: true }),
    ],
    ['a task after a call whose answer was cut off', 'task', right('cut')],
    [
      'a task in place of an accepted one that the provider no longer knows',
      'task',
      right('expired', { expired: 1, lost: { keyPrefix: 'x/a', taskId: 'task-1' } }),
    ],
  ] as const)('%s may be the second payment', (_, how, given) => {
    const { because } = given;
    expect(repaymentOf({ how, right: given, operation, isSecond: false })).toEqual({ repaid: { because } });
  });

  test('with both paths, a task that is found may be the second payment if several claims expired', () => {
    const lost = { keyPrefix: 'x/a', taskId: 'task-1' };
    const found = (expired: number) =>
      repaymentOf({
        how: 'recovered',
        right: right('expired', { expired, lost }),
        operation: 'synthesize',
        isSecond: false,
      });
    expect(found(1)).toEqual({});
    expect(found(2)).toEqual({ repaid: { because: 'expired' } });
  });

  test('with both paths, a task after a single expired claim is the first payment if that was for a task that is not found', () => {
    const given = right('expired', { expired: 1, lost: { keyPrefix: 'x/a' } });
    expect(repaymentOf({ how: 'task', right: given, operation: 'synthesize', isSecond: false })).toEqual({});
  });

  test('a task after an expired claim may be the second payment if that claim may have made a call', () => {
    const given = right('expired', { expired: 1 });
    const said = repaymentOf({ how: 'task', right: given, operation: 'synthesize', isSecond: false });
    expect(said).toEqual({ repaid: { because: 'expired' } });
  });
});

test('a claim that was given up tells of another call if that was cut, which earlier versions did not say', () => {
  const wasOtherCall = (freed: Partial<EventData<'SoundFreed'>>) =>
    wasOther(freed as EventData<'SoundFreed'>, { how: 'synthesized' } as PaidSound);
  expect(wasOtherCall({ billed: true, because: 'cut' })).toBe(true);
  expect(wasOtherCall({ billed: true })).toBe(true);
  expect(wasOtherCall({ billed: true, because: 'missing' })).toBe(false);
  expect(wasOtherCall({ billed: false })).toBe(false);
});
