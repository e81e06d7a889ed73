import {
  type EventData,
  type ItemRow,
  newEvent,
  type SetlistEvent,
  type SetSummary,
  soundHash,
} from '@setlist/contracts';
import { requestedData, soundOf } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { SetHistory } from './set-history.ts';

const hash = 'a'.repeat(64);
const setId = 'a-set-20261122t120000-k3f9q2';
const context = { source: 'dispatcher', now: new Date('2026-11-22T12:00:00Z'), setId } as const;
const item = { index: 0, lane: 'neural', file: 'a-set/item-0.mp3', hash } as const;
const reason = { code: 'store-in-the-way', message: 'A folder is in the way.', remedy: 'Remove it.' };
const audio = { bytes: 1, sha256: hash, durationMs: 1 };

const paid = (attempt: number, billedCharacters = 100) =>
  newEvent(
    'SoundPaid',
    {
      ...{ hash, claim: attempt, by: 'one', for: { set: setId, index: 0, attempt }, how: 'synthesized' },
      ...{ lane: 'neural', billedCharacters, object: 'x', contentType: 'audio/mpeg', ...audio },
    },
    context,
  );
type Billed = Partial<Pick<EventData<'ItemCompleted'>, 'billedCharacters' | 'billedBefore'>>;
const failed = (attempt: number, billed: Billed = {}) =>
  newEvent('ItemFailed', { ...item, attempt, ...reason, tries: 1, ...billed }, context);
const completed = (attempt: number, billed: Billed) =>
  newEvent(
    'ItemCompleted',
    { ...item, attempt, how: 'paid', billedCharacters: 0, sparedCharacters: 0, ...audio, ...billed },
    context,
  );

/** The faults found in what outcomes say was billed; every attempt counts as requested. */
function faultsOfMoney(events: readonly SetlistEvent[]): string[] {
  const history = new SetHistory();
  return events.flatMap((event, place) => {
    if (event.name === 'SoundPaid') history.notePayment(event);
    if (event.name !== 'ItemFailed' && event.name !== 'ItemCompleted') return [];
    const rowBefore: ItemRow = { ...item, attempt: event.data.attempt, state: 'requested' };
    const record = { seq: place + 1, subject: '', time: context.now, raw: new Uint8Array(), event };
    const step = { before: {} as SetSummary, after: undefined, rowBefore };
    const found = history.judge(record, step);
    return found.flatMap(({ code, what }) => (code === 'billed-otherwise' ? [what] : []));
  });
}

test('an item that was paid for, failed and was retried can report the payment each time, with `billedBefore`', () => {
  const [first, again] = [{ billedCharacters: 100 }, { billedCharacters: 100, billedBefore: 100 }];
  expect(faultsOfMoney([paid(1), failed(1, first), failed(2, again), completed(3, again)])).toEqual([]);
  // Earlier versions omitted it for items that failed.
  expect(faultsOfMoney([paid(1), failed(1), completed(2, first)])).toEqual([]);
  // Its audio was lost meanwhile, and paid for again.
  expect(faultsOfMoney([paid(1), failed(1, first), paid(2), completed(2, first)])).toEqual([]);
});

test('finds a payment that two outcomes both report as new, and one that was never made', () => {
  const first = { billedCharacters: 100 };
  expect(faultsOfMoney([paid(1), failed(1, first), completed(2, first)])).toEqual([
    expect.stringContaining('earlier attempts were billed 0 characters; they say 100'),
  ]);
  expect(faultsOfMoney([failed(1, first)])).toEqual([expect.stringContaining('no payment')]);
  expect(faultsOfMoney([paid(1), failed(1, { billedCharacters: 99 })])).toHaveLength(1);
});

test('a late repeat of an earlier attempt is compared with the newest request, and does not take its place', () => {
  const history = new SetHistory();
  const sound = { sound: soundOf(), hash: soundHash(soundOf()) };
  const before = { counts: { total: 2 }, lanes: [], round: 2 } as unknown as SetSummary;
  const judged = (
    attempt: number,
    row?: Pick<ItemRow, 'attempt' | 'state'>,
    billedCharacters = 100,
  ): string[] => {
    const event = newEvent('ItemRequested', requestedData({ ...sound, attempt, billedCharacters }), {
      ...context,
      source: 'ingest',
    });
    const record = { seq: 1, subject: '', time: context.now, raw: new Uint8Array(), event };
    const step = { before, after: before, rowBefore: row && { ...item, ...row } };
    return history.judge(record, step).map(({ code }) => code);
  };
  expect(judged(1)).toEqual([]);
  expect(judged(2, { attempt: 1, state: 'failed' })).toEqual([]);
  const row = { attempt: 2, state: 'requested' } as const;
  expect(judged(1, row)).toEqual(['request-repeated']);
  expect(judged(1, row, 99)).toEqual(['request-contradicted']);
  expect(judged(2, row)).toEqual(['request-repeated']);
});
