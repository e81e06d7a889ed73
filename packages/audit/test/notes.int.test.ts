/**
 * Each note that the audit can make is provoked here, as are changes that it must ignore and what it can't read: none
 * counts as a fault.
 */
import { POSITION_KEY, subjects } from '@setlist/contracts';
import type { Recorded } from '@setlist/eventlog';
import { folderObjectStore, type ObjectStore, StoreError } from '@setlist/storage';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Finding, verify } from '../src/index.ts';
import { type Message, openScratch, type Scratch } from './scratch.ts';
import { paidFor, setOf, soundOfItem } from './told.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch[Symbol.asyncDispose]());
beforeEach(() => scratch.load(scratch.messages));

/** Audits the log, with its records mapped by `seen`. */
async function audited({
  seen = (record: Recorded): Recorded => record,
  live = false,
  deep = false,
  store = scratch.world.store,
  outputAt = (uri: string): ObjectStore => folderObjectStore(new URL(uri).pathname),
} = {}) {
  const { log } = scratch.world;
  const findings: Finding[] = [];
  const verdict = await verify({
    log: {
      ...log,
      async *read(selection) {
        for await (const record of log.read(selection)) yield seen(record);
      },
    },
    places: { store, outputAt },
    live,
    deep,
    onFinding: (finding) => void findings.push(finding),
  });
  for (const { level, remedy } of findings)
    expect([level, remedy]).toEqual(['note', expect.stringMatching(/\.$/)]);
  expect(verdict).toMatchObject({ faults: 0, notes: findings.length });
  return findings.map(({ code, where }) => ({ code, where }));
}

test('notes an identical repeated request, as an ingest that crashed leaves it', async () => {
  const { guide } = scratch.history;
  const wanted = subjects.requested(guide.id, 'neural');
  const place = scratch.messages.findIndex(({ subject }) => subject === wanted);
  await scratch.load(scratch.messages.toSpliced(place + 1, 0, scratch.messages[place] as Message));
  expect(await audited()).toMatchObject([
    { code: 'request-repeated', where: { seq: place + 2, set: guide.id } },
  ]);
});

test('notes repeats of both attempts of an item that was retried, the earlier one stored late', async () => {
  const { history, messages } = scratch;
  const wanted = subjects.requested(history.tour.id, 'neural');
  const asked = messages.filter(
    ({ subject, event }) => subject === wanted && !(event instanceof Uint8Array) && event.data.index === 3,
  );
  expect(asked).toHaveLength(2);
  await scratch.load([...messages, ...asked]);
  expect(await audited()).toMatchObject([
    { code: 'request-repeated', where: { seq: messages.length + 1, set: history.tour.id } },
    { code: 'request-repeated', where: { seq: messages.length + 2, set: history.tour.id } },
  ]);
});

test('notes that an open set lacks requests, as where a backup was taken while ingest made them', async () => {
  const { history, messages, world } = scratch;
  const { guide } = history;
  const last = messages.findLastIndex(({ subject }) => subject === subjects.requested(guide.id, 'neural'));
  await scratch.load(messages.toSpliced(last, 1));
  expect(await audited()).toEqual([{ code: 'requests-missing', where: { set: guide.id } }]);
  await world.log.appendAll([guide.cancelled()]);
  expect(await audited({ live: true })).toEqual([]);
});

test.each([
  ['a task in place of one that might have been started', 'cut', 'task'],
  ['audio left by a dispatcher that was recording a sound again', 'expired', 'recovered'],
] as const)('notes a second payment that an earlier version did not mark: %s', async (_, because, how) => {
  const { history, world } = scratch;
  const sound = soundOfItem(history.tour.item(0), world.store);
  const lost = { keyPrefix: `tasks/${sound.hash}` };
  const given = because === 'cut' ? [sound.freed(2, true)] : [];
  await world.log.appendAll([
    sound.claimed(2, 'fresh'),
    ...given,
    sound.claimed(3, because, { lost }),
    sound.claimed(4, because, { lost: { ...lost, taskId: 'its-own' } }),
    sound.paid(4, { how }),
  ]);
  expect(await audited()).toMatchObject([{ code: 'repaid-unsaid', where: { sound: sound.hash } }]);
});

test("notes that the broker's clock went back", async () => {
  const place = scratch.messages.findIndex(({ subject }) => subject.startsWith(subjects.sound('')));
  const seen = (record: Recorded): Recorded =>
    record.seq === place + 1 ? { ...record, time: new Date(0) } : record;
  expect(await audited({ seen })).toMatchObject([{ code: 'clock-went-back', where: { seq: place + 1 } }]);
});

test('notes a tracker that has not folded the whole log', async () => {
  const { sets } = scratch.world.log;
  await sets.put(POSITION_KEY, { ...(await sets.get<object>(POSITION_KEY))?.value, lastSeq: 5 });
  expect(await audited()).toEqual([{ code: 'tracker-behind', where: { key: POSITION_KEY } }]);
});

test('notes that no tracker has folded the log yet', async () => {
  const { sets } = scratch.world.log;
  for (const key of await sets.keys('>')) await sets.delete(key);
  expect(await audited()).toEqual([{ code: 'tracker-behind', where: {} }]);
});

test('notes a set that keeps changing during the check', async () => {
  const { tour } = scratch.history;
  const { log } = scratch.world;
  const wanted = subjects.ofSet(tour.id);
  const last = (await log.last(subjects.state(tour.id))) as Recorded;
  const read = log.read;
  const moving = {
    ...log,
    // Every read for new events of the set returns one.
    async *read(selection: Parameters<typeof read>[0]) {
      yield* read(selection);
      if (selection.subjects?.[0] === wanted && typeof selection.from === 'number') yield last;
    },
  };
  const findings: Finding[] = [];
  await verify({ log: moving, live: true, onFinding: (finding) => void findings.push(finding) });
  expect(findings).toMatchObject([{ code: 'still-moving', level: 'note', where: { set: tour.id } }]);
});

/** All that the audit calls of a store. */
const audible = (store: ObjectStore): ObjectStore => {
  const { head, locate, read } = store;
  return { head: head.bind(store), locate: locate.bind(store), read: read.bind(store) } as ObjectStore;
};

test('reads audio piece by piece: several long files at once would not fit into memory', async () => {
  const { store, output } = scratch.world;
  const places = { store: audible(store), outputAt: () => audible(output) };
  expect(await audited({ ...places, deep: true })).toEqual([]);
});

/** The store, with an action that runs before an object is checked for the first time. */
function moving(store: ObjectStore, wanted: string, move: () => Promise<unknown>): ObjectStore {
  let moved = false;
  const head = async (key: string) => {
    if (key === wanted && !moved) {
      moved = true;
      await move();
    }
    return store.head(key);
  };
  return { ...audible(store), head };
}

test('finds nothing for a sound that is recorded again or removed while its audio is checked', async () => {
  const { history, world } = scratch;
  const [anew, gone] = [0, 1].map((index) => soundOfItem(history.tour.item(index), world.store));
  if (!anew || !gone) throw new Error('there are two sounds');
  const first = moving(world.store, anew.key, async () => {
    await world.log.appendAll([anew.claimed(2, 'fresh')]);
    await world.store.put(anew.key, Buffer.from('other audio'), { contentType: 'audio/mpeg' });
  });
  const both = moving(first, gone.key, async () => {
    await world.log.appendAll([gone.freed(2)]);
    await world.store.delete(gone.key);
  });
  expect(await audited({ store: both, live: true })).toEqual([]);
});

test('finds nothing for a file written by a run that started during the audit', async () => {
  const { log, output, store } = scratch.world;
  const later = setOf('tour', '20261123t060000-k3f9q2', ['Another text for the first file.'], output);
  const outputAt = () =>
    moving(output, 'tour/item-0.mp3', async () => {
      await log.appendAll([later.accepted(), later.requested(0)]);
      await later.deliver(0);
      await log.appendAll(paidFor(later, 0, store));
    });
  expect(await audited({ outputAt, live: true })).toEqual([]);
});

test('counts what it can not read as unchecked, and neither as checked nor as a fault', async () => {
  const { log, output } = scratch.world;
  const unreachable = async (): Promise<never> => {
    throw new StoreError('unavailable', 'nobody answers', { remedy: 'Check the network.' });
  };
  // The audit's only call before it reads anything.
  const silent = { ...audible(output), head: unreachable };
  const findings: Finding[] = [];
  const verdict = await verify({
    log,
    places: { store: silent, outputAt: () => silent },
    live: false,
    onFinding: (finding) => void findings.push(finding),
  });
  const kinds = new Set(findings.map(({ code, level }) => `${level}: ${code}`));
  expect(kinds).toEqual(new Set(['unchecked: store-unreachable']));
  const nothing = { manifests: 0, sounds: 0, files: 0, faults: 0, notes: 0 };
  expect(verdict).toMatchObject({ ...nothing, unchecked: findings.length });
});
