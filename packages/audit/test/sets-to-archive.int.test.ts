import { type EventData, newEvent } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { folderObjectStore } from '@setlist/storage';
import { startNats, type TestNats } from '@setlist/testkit';
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

test('keeps back a set while one that was accepted before it stays and may write its files', async () => {
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
    ...[beside, second, inside].map(cancelled),
  ]);
  expect(await setsToArchive(log, LATER)).toEqual({
    sets: [beside.id],
    keptBack: [
      { setId: second.id, because: first.id },
      { setId: inside.id, because: first.id },
    ],
  });
  await log.appendAll([cancelled(first)]);
  expect(await setsToArchive(log, LATER)).toEqual({
    sets: [beside.id, second.id, inside.id, first.id],
    keptBack: [],
  });
  expect((await setsToArchive(log, new Date(0))).sets).toEqual([]);
});

test('takes no set that was retried since its end, however its life is handed out', async () => {
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  const [open, over] = [set('open', '1'), set('over', '2')];
  await log.appendAll([open.accepted(), over.accepted(), cancelled(open), retried(open), cancelled(over)]);
  // As from a reader of each subject's last word that was lost on the way: its successor reads every event.
  const all = { read: ({ subjects = [] }) => log.read({ subjects }) } as Pick<typeof log, 'read'>;
  for (const reading of [log, all]) {
    expect(await setsToArchive(reading, LATER)).toEqual({ sets: [over.id], keptBack: [] });
  }
});
