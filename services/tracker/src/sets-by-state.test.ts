import type { SetSummary } from '@setlist/contracts';
import { expect, it } from 'vitest';
import { setsByState } from './sets-by-state.ts';

const set = (state: SetSummary['state'], more: Partial<SetSummary> = {}): SetSummary =>
  ({ state, ...more }) as SetSummary;
const stalled = { sinceSeq: 1, since: '2026-01-05T09:00:00.000Z' };

it('counts each open set once: a stalled one does not count as running', () => {
  expect(setsByState([set('running'), set('running', { stalled }), set('paused'), set('running')])).toEqual([
    [2, { state: 'running' }],
    [1, { state: 'paused' }],
    [1, { state: 'stalled' }],
  ]);
});

it('reports 0 for a state without sets, so that a stall is seen to end', () => {
  expect(setsByState([])).toEqual([
    [0, { state: 'running' }],
    [0, { state: 'paused' }],
    [0, { state: 'stalled' }],
  ]);
});
