import { eventsOf } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { type FailedItems, noteOutcome } from './failed-items.ts';

const set = eventsOf();

test('an item has failed if its newest attempt failed', () => {
  const failed: FailedItems = new Map();
  const outcomes = [
    set.failed(0),
    set.completed(1),
    set.failed(2),
    set.failed(3),
    set.completed(2, 'paid', 2),
    set.failed(3, 2),
    set.completed(3),
    set.requested(4),
    set.paused(),
  ];
  for (const event of outcomes) noteOutcome(failed, event);
  expect([...failed]).toEqual([
    [0, 1],
    [3, 2],
  ]);
});
