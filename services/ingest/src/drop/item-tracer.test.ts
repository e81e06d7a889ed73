import { requestedData } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { itemRequested } from '../domain/set-events.ts';
import { itemTracer } from './item-tracer.ts';

const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}`;
const accepted = { setId: 'act-1', id: 'act-1/accepted', data: { run: 'r' } } as Parameters<
  typeof itemRequested
>[1];
const requestOf = (index: number) => itemRequested(requestedData({ index }), accepted, new Date(0));

const traced = (itemCount: number, atMost: number, flags = '01'): number[] => {
  const place = itemTracer({ setId: 'act-1', itemCount, traceparent: `${TRACE}-${flags}`, atMost });
  const events = Array.from({ length: itemCount }, (_, index) => place(requestOf(index)));
  for (const { traceparent } of events) expect(traceparent?.startsWith(`${TRACE}-`)).toBe(true);
  return events.flatMap(({ traceparent, data }) => (traceparent?.endsWith('-01') ? [data.index] : []));
};

it('traces every item of a small set, and at most the limit of a large one, evenly spread', () => {
  expect(traced(6, 100)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(traced(10, 3)).toEqual([0, 4, 8]);
  expect(traced(1_000, 100)).toHaveLength(100);
  expect(traced(1_001, 100).length).toBeLessThanOrEqual(100);
  expect(traced(3, 0)).toEqual([]);
});

it('traces no item of a set that is not traced', () => {
  expect(traced(6, 100, '00')).toEqual([]);
});

it('changes nothing if the set has no trace, and nothing but the trace otherwise', () => {
  const request = requestOf(1);
  expect(itemTracer({ setId: 'act-1', itemCount: 2, traceparent: undefined, atMost: 9 })(request)).toBe(
    request,
  );
  const placed = itemTracer({ setId: 'act-1', itemCount: 2, traceparent: `${TRACE}-01`, atMost: 9 })(request);
  expect({ ...placed, traceparent: undefined }).toEqual({ ...request, traceparent: undefined });
});
