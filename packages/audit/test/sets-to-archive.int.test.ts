import { type EventData, MANIFESTS_DURABLE, NOTIFIER_DURABLE, newEvent, subjects } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { folderObjectStore } from '@setlist/storage';
import { eventually, startNats, type TestNats } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setsToArchive } from '../src/index.ts';
import { setOf, type ToldSet } from './told.ts';

let nats: TestNats;
beforeEach(async () => {
  nats = await startNats();
});
afterEach(() => nats[Symbol.asyncDispose]());

const output = folderObjectStore('/out');
const set = (name: string, run: string): ToldSet =>
  setOf(name, `20261122t06000${run}-k3f9q2`, ['One.'], output);
const said = { set: { name: 'set', location: '/out', notify: [] }, who: 'test', afterSeq: 1 };
const life = { source: 'tracker', now: new Date() } as const;
const cancelled = ({ id: setId }: ToldSet) => {
  const counts = { total: 1, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 };
  return newEvent('SetCancelled', { ...said, counts }, { ...life, setId });
};
const retried = ({ id: setId }: ToldSet) => {
  const data: EventData<'SetRetried'> = { ...said, round: 2, items: 1 };
  return newEvent('SetRetried', data, { ...life, setId });
};
const acceptedAt = (told: ToldSet, prefix: string) => {
  const accepted = told.accepted();
  return { ...accepted, data: { ...accepted.data, prefix } };
};

/** The broker's clock and ours may differ by a little. */
const LATER = new Date(Date.now() + 3_600_000);

test('keeps a set while an earlier accepted one stays that may write its files', async () => {
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  const [first, second, inside, beside] = [
    set('tour', '1'),
    set('tour', '2'),
    set('inside', '3'),
    set('beside', '4'),
  ] as const;
  await log.appendAll([
    first.accepted(),
    second.accepted(),
    acceptedAt(inside, 'tour/inside'),
    acceptedAt(beside, 'tourist'),
    ...[first, second, inside, beside].map((told) => told.requested(0)),
    ...[beside, second, inside].map(cancelled),
  ]);
  expect(await setsToArchive(log, LATER)).toEqual({
    sets: [beside.id],
    keptBack: [
      { setId: second.id, because: { earlier: first.id } },
      { setId: inside.id, because: { earlier: first.id } },
    ],
  });
  await log.appendAll([cancelled(first)]);
  expect(await setsToArchive(log, LATER)).toEqual({
    sets: [beside.id, second.id, inside.id, first.id],
    keptBack: [],
  });
  expect((await setsToArchive(log, new Date(0))).sets).toEqual([]);
});

test('keeps a set that was retried since its end, however the broker delivers its events', async () => {
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  const [open, over] = [set('open', '1'), set('over', '2')];
  const asked = [open, over].flatMap((told) => [told.accepted(), told.requested(0)]);
  await log.appendAll([...asked, cancelled(open), retried(open), cancelled(over)]);
  // As when a reader of each subject's last event is lost midway: its successor reads every event.
  const read = ({ subjects = [] }: Parameters<typeof log.read>[0]) => log.read({ subjects });
  const all = { read, unfinishedAfter: log.unfinishedAfter };
  for (const reading of [log, all]) {
    expect(await setsToArchive(reading, LATER)).toEqual({ sets: [over.id], keptBack: [] });
  }
});

test('keeps a set that was cancelled while ingest requested its items, and a later run with the same files', async () => {
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  const half = setOf('half', '20261122t060001-k3f9q2', ['One.', 'Two.'], output);
  const later = set('half', '2');
  await log.appendAll([half.accepted(), half.requested(0), half.requested(0), cancelled(half)]);
  await log.appendAll([later.accepted(), later.requested(0), cancelled(later)]);
  expect(await setsToArchive(log, LATER)).toEqual({
    sets: [],
    keptBack: [
      { setId: half.id, because: { toCome: 'requests' } },
      { setId: later.id, because: { earlier: half.id } },
    ],
  });
  // As ingest does at its next start.
  await log.appendAll([half.requested(1)]);
  expect(await setsToArchive(log, LATER)).toEqual({ sets: [half.id, later.id], keptBack: [] });
});

test.each([
  [NOTIFIER_DURABLE, 'notices'],
  [MANIFESTS_DURABLE, 'manifest'],
] as const)(
  'keeps sets that the durable consumer %s has not finished with, and none before them',
  async (durable, toCome) => {
    await using log = await openEventLog({ servers: nats.url, name: 'test' });
    const [done, due] = [set('done', '1'), set('due', '2')];
    await log.appendAll([done, due].flatMap((told) => [told.accepted(), told.requested(0), cancelled(told)]));
    const both = { sets: [done.id, due.id], keptBack: [] };
    expect(await setsToArchive(log, LATER), 'there is no such consumer').toEqual(both);
    const lives = { durable, subjects: [subjects.state('*')], ackWaitMs: 60_000, from: () => new Date(0) };
    const ending = new AbortController();
    let handedOut = 0;
    for await (const handout of log.durable(lives, ending.signal)) {
      if (++handedOut < 4) {
        handout.done();
        continue;
      }
      await eventually(async () =>
        expect(await setsToArchive(log, LATER)).toEqual({
          sets: [done.id],
          keptBack: [{ setId: due.id, because: { toCome } }],
        }),
      );
      handout.done();
      ending.abort();
    }
    await eventually(async () => expect(await setsToArchive(log, LATER)).toEqual(both));
  },
);
