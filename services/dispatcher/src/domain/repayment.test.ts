import type { ClaimRight } from '@setlist/sounds';
import { describe, expect, test } from 'vitest';
import { repaymentOf } from './repayment.ts';

const right = (because: ClaimRight['because'], more: Partial<ClaimRight> = {}): ClaimRight => ({
  expectedSeq: 1,
  ordinal: 2,
  expired: 0,
  because,
  ...more,
});
const inDoubt = right('cut', { lost: { keyPrefix: 'x/a' } });
const operation = 'task';

describe('beside a payment that stands, or a call that was billed in vain', () => {
  test.each([
    ['a task of which it was in doubt whether it had been accepted', 'task', inDoubt],
    ['a task after a claim that ran out', 'task', right('expired', { expired: 1 })],
    ['audio that a claim which ran out left behind', 'recovered', right('expired', { expired: 1 })],
    ['a task of a recording anew', 'task', right('fresh')],
  ] as const)('%s is a second payment', (_, how, given) => {
    const { because } = given;
    expect(repaymentOf({ how, right: given, operation, isSecond: true })).toEqual({ repaid: { because } });
  });
});

describe('where nothing was billed before', () => {
  test.each([
    ['a task of which it was in doubt whether it had been accepted', 'task', inDoubt],
    ['a task after a claim that ran out', 'task', right('expired', { expired: 1 })],
    ['audio that a claim which ran out left behind', 'recovered', right('expired', { expired: 1 })],
    ['a first call', 'synthesized', right('new')],
    [
      'a task that is found again after several dispatchers died of it',
      'recovered',
      right('expired', { expired: 3, lost: { keyPrefix: 'x/a', taskId: 'task-1' } }),
    ],
  ] as const)('%s is the first', (_, how, given) => {
    expect(repaymentOf({ how, right: given, operation, isSecond: false })).toEqual({});
  });

  test.each([
    ['a call after a claim that ran out', 'synthesized', right('expired', { expired: 1 })],
    ['audio found after several claims that ran out', 'recovered', right('expired', { expired: 2 })],
    [
      'audio found after a give-up, before which claims ran out',
      'recovered',
      right('expired', { isUncounted: true }),
    ],
    ['a task after a call that was cut', 'task', right('cut')],
    [
      'a task in place of one that had been accepted, and that the provider no longer knows',
      'task',
      right('expired', { expired: 1, lost: { keyPrefix: 'x/a', taskId: 'task-1' } }),
    ],
  ] as const)('%s may be the second', (_, how, given) => {
    const { because } = given;
    expect(repaymentOf({ how, right: given, operation, isSecond: false })).toEqual({ repaid: { because } });
  });

  test('with both paths, a task that is found may be the second where several claims ran out', () => {
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

  test('with both paths, a task after the one claim that ran out is the first where that was a task never accepted', () => {
    const given = right('expired', { expired: 1, lost: { keyPrefix: 'x/a' } });
    expect(repaymentOf({ how: 'task', right: given, operation: 'synthesize', isSecond: false })).toEqual({});
  });

  test('a task after a claim that ran out may be the second where the claim may have made a call', () => {
    const given = right('expired', { expired: 1 });
    const said = repaymentOf({ how: 'task', right: given, operation: 'synthesize', isSecond: false });
    expect(said).toEqual({ repaid: { because: 'expired' } });
  });
});
