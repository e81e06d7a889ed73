import { eventsOf } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { summaryAfter } from '../../test/project-set.ts';

const set = eventsOf();
const asked = [set.accepted(), set.requested(0), set.requested(1)];

describe('a stall', () => {
  test('is recorded with the last event that moved the set', () => {
    expect(summaryAfter([...asked, set.stalled(3)]).stalled).toMatchObject({ sinceSeq: 3 });
  });

  test('is ignored when progress came first', () => {
    expect(summaryAfter([...asked, set.completed(0), set.stalled(3)]).stalled).toBeUndefined();
  });

  test.each([
    ['paused', set.paused()],
    ['cancelled', set.cancelled()],
    ['completed', set.setCompleted()],
  ])('is ignored of a set that is %s', (_, event) => {
    expect(summaryAfter([...asked, event, set.stalled(3)]).stalled).toBeUndefined();
  });

  test('records the first event that moved the set again', () => {
    const events = [...asked, set.stalled(3), set.completed(0), set.completed(1)];
    expect(summaryAfter(events).stalled).toMatchObject({ sinceSeq: 3, movedBySeq: 5 });
  });

  test('is over with its own SetUnstalled, not with that of another stall', () => {
    const moved = [...asked, set.stalled(3), set.completed(0)];
    expect(summaryAfter([...moved, set.unstalled(3)]).stalled).toBeUndefined();
    expect(summaryAfter([...moved, set.unstalled(2)]).stalled).toBeDefined();
  });

  test('outlasts a pause: resuming does not count as movement', () => {
    const { stalled } = summaryAfter([...asked, set.stalled(3), set.paused(), set.resumed()]);
    expect(stalled).toMatchObject({ sinceSeq: 3 });
    expect(stalled?.movedBySeq).toBeUndefined();
  });
});
