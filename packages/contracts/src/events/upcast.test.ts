/** The three ways in which a published event can change, each shown on a frozen sample of the stored version. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeEvent } from './codec.ts';
import { type Lift, liftToNewest } from './upcast.ts';

const sample = (type: string): { type: string; data: Record<string, unknown> } =>
  JSON.parse(readFileSync(new URL(`../../fixtures/events/${type}.json`, import.meta.url), 'utf8'));
const bytesOf = (type: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/events/${type}.json`, import.meta.url));

test('a field is added: the stored event gets the value that was true before there was a field for it', () => {
  const { type, data } = sample('setlist.item.completed.v1');
  const lifts = new Map<string, Lift>([
    [
      'setlist.item.completed.v1',
      (old) => ({ type: 'setlist.item.completed.v2', data: { ...(old as object), channels: 1 } }),
    ],
  ]);
  const lifted = liftToNewest(type, data, lifts);
  expect(lifted).toEqual([{ type: 'setlist.item.completed.v2', data: { ...data, channels: 1 } }]);
});

test('a field is renamed: its value comes along, its old name does not', () => {
  const { type, data } = sample('setlist.set.paused.v1');
  const rename: Lift = (old) => {
    const { who, ...rest } = old as Record<string, unknown>;
    return { type: 'setlist.set.paused.v2', data: { ...rest, by: who } };
  };
  const [{ data: lifted }] = liftToNewest(type, data, new Map([[type, rename]]));
  const { who, ...rest } = data;
  expect(lifted).toEqual({ ...rest, by: who });
});

test('an event is split: each part is lifted further on its own, and keeps its place', () => {
  const { type, data } = sample('setlist.item.completed.v1');
  const lifts = new Map<string, Lift>([
    [
      type,
      (old) => {
        const { billedCharacters, sparedCharacters, ...delivered } = old as Record<string, unknown>;
        return [
          { type: 'setlist.item.delivered.v1', data: delivered },
          { type: 'setlist.item.billed.v1', data: { billedCharacters, sparedCharacters } },
        ];
      },
    ],
    [
      'setlist.item.billed.v1',
      (old) => ({ type: 'setlist.item.billed.v2', data: { ...(old as object), currency: 'USD' } }),
    ],
  ]);
  const { billedCharacters, sparedCharacters, ...delivered } = data;
  expect(liftToNewest(type, data, lifts)).toEqual([
    { type: 'setlist.item.delivered.v1', data: delivered },
    { type: 'setlist.item.billed.v2', data: { billedCharacters, sparedCharacters, currency: 'USD' } },
  ]);
});

test('a split event is decoded to all its parts, each with its own id and the same context', () => {
  const { data } = sample('setlist.set.prioritized.v1');
  const { priority, ...pause } = data;
  const lifts = new Map<string, Lift>([
    [
      'setlist.set.resumed.v1',
      () => [
        { type: 'setlist.set.prioritized.v1', data: { ...pause, priority } },
        { type: 'setlist.set.paused.v1', data: pause },
      ],
    ],
  ]);
  const decoded = decodeEvent(bytesOf('setlist.set.resumed.v1'), lifts);
  if (!decoded.ok) throw new Error(decoded.problem.message);
  const { event, also } = decoded;
  expect([event, ...also].map(({ name }) => name)).toEqual(['SetPrioritized', 'SetPaused']);
  expect(also[0]?.id).toBe(`${event.id}/2`);
  expect(also[0]?.setId).toBe(event.setId);
});

test('a part of unknown type makes the whole event unreadable: half a fact is not a fact', () => {
  const lifts = new Map<string, Lift>([
    [
      'setlist.set.resumed.v1',
      (data) => [
        { type: 'setlist.set.resumed.v2', data },
        { type: 'setlist.set.paused.v1', data },
      ],
    ],
  ]);
  expect(decodeEvent(bytesOf('setlist.set.resumed.v1'), lifts)).toMatchObject({
    ok: false,
    problem: { code: 'unknown-type' },
  });
});

test('versions are lifted one after the other, and a type without a lift is left unchanged', () => {
  const lifts = new Map<string, Lift>([
    ['a.v1', (data) => ({ type: 'a.v2', data: { ...(data as object), second: 2 } })],
    ['a.v2', (data) => ({ type: 'a.v3', data: { ...(data as object), third: 3 } })],
  ]);
  expect(liftToNewest('a.v1', { first: 1 }, lifts)).toEqual([
    { type: 'a.v3', data: { first: 1, second: 2, third: 3 } },
  ]);
  expect(liftToNewest('b.v1', 7, lifts)).toEqual([{ type: 'b.v1', data: 7 }]);
});
