import { describe, expect, test } from 'vitest';
import { FairOrder, WEIGHTS } from './fair-order.ts';

const always = (): boolean => true;

function turns(order: FairOrder<string>, count: number, isReady: (member: string) => boolean = always) {
  const taken: Record<string, number> = {};
  for (let turn = 0; turn < count; turn++) {
    const member = order.next(isReady);
    if (member !== undefined) taken[member] = (taken[member] ?? 0) + 1;
  }
  return taken;
}

describe('turns', () => {
  test('are equal for sets of the same priority', () => {
    const order = new FairOrder<string>();
    for (const set of ['a', 'b', 'c']) order.join(set, WEIGHTS.normal);
    expect(turns(order, 300)).toEqual({ a: 100, b: 100, c: 100 });
  });

  test('are in proportion to priorities: low is slowed, never starved', () => {
    const order = new FairOrder<string>();
    order.join('high', WEIGHTS.high);
    order.join('low', WEIGHTS.low);
    const taken = turns(order, 500);
    expect(taken.high).toBe(400);
    expect(taken.low).toBe(100);
  });

  test('go at once to a set that joins late, which does not catch up on missed turns', () => {
    const order = new FairOrder<string>();
    order.join('old', WEIGHTS.normal);
    turns(order, 1_000);
    order.join('new', WEIGHTS.normal);
    const taken = turns(order, 10);
    expect(taken).toEqual({ old: 5, new: 5 });
  });

  test.each(['high', 'normal', 'low'] as const)(
    'go to a long set of priority %s in proportion, however many short sets keep coming',
    (priority) => {
      const order = new FairOrder<string>();
      order.join('long', WEIGHTS[priority]);
      const taken = { long: 0, short: 0 };
      for (let turn = 0; turn < 1_000; turn++) {
        // Each short set has one item and leaves after it; another always follows.
        const short = `short-${turn}`;
        order.join(short, WEIGHTS.normal);
        for (let member = order.next(always); member !== short; member = order.next(always)) taken.long++;
        order.leave(short);
        taken.short++;
      }
      const share = taken.long / taken.short;
      expect(share).toBeGreaterThan((WEIGHTS[priority] / WEIGHTS.normal) * 0.9);
      expect(share).toBeLessThan((WEIGHTS[priority] / WEIGHTS.normal) * 1.1);
    },
  );

  test('are not hoarded by a set that had nothing to do', () => {
    const order = new FairOrder<string>();
    order.join('busy', WEIGHTS.normal);
    order.join('idle', WEIGHTS.normal);
    turns(order, 1_000, (set) => set === 'busy');
    const taken = turns(order, 100);
    expect(taken.idle).toBeLessThanOrEqual(51);
  });

  test('that were taken back are not charged: the set has its next turn as soon as it is ready', () => {
    const order = new FairOrder<string>();
    for (const set of ['a', 'b', 'c']) order.join(set, WEIGHTS.normal);
    turns(order, 30);
    const unready = order.next(always);
    if (unready === undefined) throw new Error('all are ready');
    order.takeBack(unready);
    turns(order, 10, (set) => set !== unready);
    expect(order.next(always)).toBe(unready);
  });

  test('go to no set when none is ready', () => {
    const order = new FairOrder<string>();
    order.join('a', WEIGHTS.normal);
    expect(order.next(() => false)).toBeUndefined();
    order.leave('a');
    expect(order.next(always)).toBeUndefined();
  });
});
