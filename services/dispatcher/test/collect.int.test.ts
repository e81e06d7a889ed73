/** Removing unused audio, on a real broker: never what is wanted, and safe beside dispatchers at work. */
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS_STREAM, type EventData, newEvent, type Sound, soundHash, subjects } from '@setlist/contracts';
import { openEventLog, openMaintenance } from '@setlist/eventlog';
import { folderObjectStore, type ObjectStore } from '@setlist/storage';
import { eventually, startNats } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Removal,
  removeLeftOvers,
  removeTaskLeftOvers,
  removeUnused,
  soundStanding,
  surveyStore,
  taskLeftOvers,
} from '../src/index.ts';
import { engineStats, outcomesOf, settled, soundEvents } from './probes.ts';
import { dispatcherHere, type Rig, startRig } from './rig.ts';
import { ask, askOn, askWith, phrases, request, say } from './sets.ts';

let rig: Rig;
let store: ObjectStore;
beforeEach(async () => {
  rig = await startRig({ ENGINE: 'instant' });
  store = folderObjectStore(`${rig.folder}/store`);
});
afterEach(() => rig[Symbol.asyncDispose]());

const DAY_MS = 86_400_000;
/** Everything that was last used before now counts as unused. */
const AT_ONCE = { unusedForMs: 0, leftOverAfterMs: DAY_MS };

async function made(wanted: readonly Sound[], name: string): Promise<string> {
  const setId = await ask(rig, wanted, name);
  await settled(rig, setId, wanted.length);
  return setId;
}

const NO_COUNTS = { total: 0, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 };
const end = (setId: string): Promise<void> => say(rig, setId, 'SetCancelled', { counts: NO_COUNTS });

async function all(removals: AsyncIterable<Removal>): Promise<Removal[]> {
  const found: Removal[] = [];
  for await (const removal of removals) found.push(removal);
  return found;
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('audio/')) found.push(key);
  return found;
}

const desk = () => ({ log: rig.log, store });
const aged = (path: string): Promise<void> => {
  const then = new Date(Date.now() - 2 * DAY_MS);
  return utimes(path, then, then);
};

test('lists what no set has used for the time, with its last use and what making it again would bill', async () => {
  await using _dispatcher = dispatcherHere(rig);
  const [often, once] = phrases(2, 'Used') as [Sound, Sound];
  const first = await made([often, once], 'first');
  await end(first);
  const between = rig.log.clock.now();
  const second = await made([often], 'second');
  await end(second);
  const { unused, stored } = await surveyStore(desk(), {
    ...AT_ONCE,
    unusedForMs: rig.log.clock.now() - between,
  });
  expect(stored.count).toBe(2);
  expect(unused).toMatchObject([
    {
      hash: soundHash(once),
      lane: 'standard',
      lastUse: { set: first, provider: 'local', billedCharacters: 15 },
    },
  ]);
  const all = await surveyStore(desk(), AT_ONCE);
  expect(all.unused.map(({ lastUse }) => lastUse?.set)).toEqual([first, second]);
});

test('counts what sets used that are in archives as used until the log went on without them', async () => {
  const dispatcher = dispatcherHere(rig);
  const wanted = phrases(1, 'Archived');
  const first = await made(wanted, 'first');
  const paidBy = rig.log.clock.now();
  const second = await made(wanted, 'second');
  await dispatcher[Symbol.asyncDispose]();
  for (const setId of [first, second]) await end(setId);

  await using other = await startNats();
  await using live = await openMaintenance({ servers: rig.nats.url, name: 'test' });
  await using next = await openMaintenance({ servers: other.url, name: 'test' });
  const { head, chunks } = await live.snapshot(EVENTS_STREAM);
  await next.restoreWithout(head, chunks, [first, second]);
  await using log = await openEventLog({ servers: other.url, name: 'test' });
  const since = (then: number) => ({ ...AT_ONCE, unusedForMs: log.clock.now() - then });
  expect((await surveyStore({ log, store }, since(paidBy))).unused).toEqual([]);

  // Where nothing was said since, the archive itself is what they are counted from.
  const aMoment = { ...AT_ONCE, unusedForMs: 100 };
  await eventually(async () => (await surveyStore({ log, store }, aMoment)).unused.length === 1);

  await ask({ ...rig, log }, phrases(1, 'Later'), 'later');
  const [accepted] = await Array.fromAsync(log.read({ subjects: [subjects.state('*')] }));
  const { unused } = await surveyStore({ log, store }, AT_ONCE);
  expect(unused).toMatchObject([
    { hash: soundHash(wanted[0] as Sound), lastUsedAt: accepted?.time.getTime() },
  ]);
});

test('keeps what a set wants that has not ended: running, paused, retried, or accepted since the look', async () => {
  const dispatcher = dispatcherHere(rig);
  const wanted = phrases(4, 'Wanted') as [Sound, Sound, Sound, Sound];
  const sets = await Promise.all(wanted.map((each, at) => made([each], `set-${at}`)));
  await dispatcher[Symbol.asyncDispose]();
  for (const setId of sets) await end(setId);
  expect((await surveyStore(desk(), AT_ONCE)).unused).toHaveLength(4);

  await ask(rig, [wanted[0]], 'running');
  await say(rig, await ask(rig, [wanted[1]], 'paused'), 'SetPaused', {});
  await say(rig, sets[2] as string, 'SetRetried', { round: 2, items: 1 });
  const survey = await surveyStore(desk(), AT_ONCE);
  expect(survey.unused.map(({ hash }) => hash)).toEqual([soundHash(wanted[3])]);
  await ask(rig, [wanted[3]], 'late');
  expect(await all(removeUnused(desk(), survey, 'cli-1'))).toMatchObject([{ did: 'kept' }]);
  expect(await keys()).toHaveLength(4);
});

test('removes no unused sound while a set is accepted that ingest has not asked for in full', async () => {
  await using _dispatcher = dispatcherHere(rig);
  const old = phrases(2, 'Old') as [Sound, Sound];
  await end(await made(old, 'old'));
  const late = await askWith(rig, old, { name: 'late', asked: 1 });
  await settled(rig, late, 1);
  const before = await surveyStore(desk(), AT_ONCE);
  expect(before).toMatchObject({ unasked: [late], unused: [{ hash: soundHash(old[1]) }] });
  expect(await all(removeUnused(desk(), before, 'cli-1'))).toMatchObject([{ did: 'kept' }]);

  await askOn(rig, late, [request(old[1], 1, 'late')]);
  const outcomes = await settled(rig, late, 2);
  expect(outcomes.map(({ data }) => data)).toMatchObject([{ how: 'reused' }, { how: 'reused' }]);
  await end(late);
  const after = await surveyStore(desk(), AT_ONCE);
  expect([after.unasked, after.unused.length]).toEqual([[], 2]);
  const since = await askWith(rig, old, { name: 'since', asked: 0 });
  expect(await all(removeUnused(desk(), after, 'cli-1'))).toMatchObject([{ did: 'kept' }, { did: 'kept' }]);
  await end(since);
  expect(await all(removeUnused(desk(), after, 'cli-1'))).toMatchObject([
    { did: 'removed' },
    { did: 'removed' },
  ]);
});

test('a removed sound is freed in the log, and a set that wants it later pays as for the first time', async () => {
  await using _dispatcher = dispatcherHere(rig);
  const wanted = phrases(3, 'Removed');
  const first = await made(wanted, 'first');
  await end(first);
  const survey = await surveyStore(desk(), AT_ONCE);
  expect(await all(removeUnused(desk(), survey, 'cli-1'))).toMatchObject([{ did: 'removed' }, {}, {}]);
  expect(await keys()).toEqual([]);
  expect(await surveyStore(desk(), AT_ONCE)).toMatchObject({ unused: [], leftOvers: [], strangers: [] });

  const second = await made(wanted, 'second');
  for (const { data } of await outcomesOf(rig, second)) expect(data).toMatchObject({ how: 'paid' });
  const events = await soundEvents(rig, soundHash(wanted[0] as Sound));
  expect(events.map(({ name }) => name)).toEqual([
    'SoundClaimed',
    'SoundPaid',
    'SoundFreed',
    'SoundClaimed',
    'SoundPaid',
  ]);
  expect(events[2]?.data).toMatchObject({ by: 'cli-1', billed: false, reason: { code: 'collected' } });
  expect(events.at(-2)?.data).toMatchObject({ claim: 2, because: 'freed' });
  expect(events.at(-1)?.data).not.toHaveProperty('repaid');
});

test('beside dispatchers at work every item still gets its audio, and every payment has its reason', async () => {
  await using _one = dispatcherHere(rig);
  await using _two = dispatcherHere(rig);
  const wanted = phrases(20, 'Crossing');
  await end(await made(wanted, 'round'));
  for (let round = 0; round < 8; round++) {
    const survey = await surveyStore(desk(), AT_ONCE);
    const [removals, setId] = await Promise.all([
      all(removeUnused(desk(), survey, `cli-${round}`)),
      made(wanted, 'round'),
    ]);
    expect(removals).toHaveLength(survey.unused.length);
    for (const { name } of await outcomesOf(rig, setId)) expect(name).toBe('ItemCompleted');
    await end(setId);
  }
  let payments = 0;
  for (const each of wanted) {
    const events = await soundEvents(rig, soundHash(each));
    for (const [at, event] of events.entries()) {
      if (event.name !== 'SoundPaid') continue;
      payments++;
      const claim = events[at - 1];
      if (claim?.name !== 'SoundClaimed') throw new Error('a payment follows its claim');
      if (claim.data.because === 'missing') expect(event.data.repaid).toEqual({ because: 'missing' });
      else expect(claim.data.because).toBe(claim.data.claim === 1 ? 'new' : 'freed');
    }
  }
  expect(payments, 'the rounds did cross').toBeGreaterThan(wanted.length);
  const { calls } = await engineStats(rig);
  const answered = Object.values(calls).reduce((sum, { ok }) => sum + ok, 0);
  expect(answered, 'no call that the log does not know').toBe(payments);
});

test('what a crash between the note and the removal leaves is found by the next look', async () => {
  const dispatcher = dispatcherHere(rig);
  await end(await made(phrases(1, 'Half removed'), 'first'));
  await dispatcher[Symbol.asyncDispose]();
  const survey = await surveyStore(desk(), AT_ONCE);
  const dying = {
    ...desk(),
    store: Object.assign(Object.create(store), { delete: () => Promise.reject(new Error('killed')) }),
  };
  await expect(all(removeUnused(dying, survey, 'cli-1'))).rejects.toThrow('killed');
  const [key = ''] = await keys();
  expect((await surveyStore(desk(), AT_ONCE)).leftOvers, 'it may be work under way yet').toEqual([]);
  await aged(store.locate(key));
  const later = await surveyStore(desk(), AT_ONCE);
  expect(later).toMatchObject({ unused: [], leftOvers: [{ key }] });
  expect(await all(removeLeftOvers(desk(), later.leftOvers))).toMatchObject([{ did: 'removed' }]);
  expect(await keys()).toEqual([]);
});

test('never touches a claimed sound, a stranger, or a file that is not named as our audio', async () => {
  const audio = join(rig.folder, 'store', 'audio');
  await mkdir(audio, { recursive: true });
  const claimed = 'c'.repeat(64);
  const stranger = 'd'.repeat(64);
  for (const name of [
    `${claimed}.mp3`,
    `${stranger}.mp3`,
    'readme.txt',
    `${stranger}.mp3.bak`,
    'welcome.mp3',
  ]) {
    await writeFile(join(audio, name), 'x');
    await aged(join(audio, name));
  }
  const data: EventData<'SoundClaimed'> = {
    hash: claimed,
    claim: 1,
    by: 'dispatcher-1',
    until: new Date(0).toISOString(),
    for: { set: 'a-set', index: 0, attempt: 1 },
    operation: 'synthesize',
    expired: 0,
    because: 'new',
  };
  await rig.log.append(newEvent('SoundClaimed', data, { source: 'dispatcher', now: new Date() }), {
    lastSeq: 0,
  });
  const survey = await surveyStore(desk(), AT_ONCE);
  expect(survey).toMatchObject({ unused: [], leftOvers: [], strangers: [{ hash: stranger }] });
  // Even where a caller mistakes them for what may go.
  expect(await all(removeLeftOvers(desk(), survey.strangers))).toMatchObject([{ did: 'kept' }]);
  const named = { key: 'audio/welcome.mp3', hash: claimed, bytes: 1, modifiedAt: 0 };
  expect(await all(removeLeftOvers(desk(), [named]))).toMatchObject([{ did: 'kept' }]);
  expect((await keys()).toSorted()).toHaveLength(5);
});

test('finds what tasks have left in their bucket once their sound is stored, and keeps a lost task’s audio', async () => {
  await using _dispatcher = dispatcherHere(rig);
  const [done] = phrases(1, 'By a task') as [Sound];
  await made([done], 'set');
  const bucket = { store: folderObjectStore(`${rig.folder}/buckets/setlist-tasks`), prefixRoot: 'setlist/' };
  const lost = `setlist/${'e'.repeat(64)}.task-2.mp3`;
  const left = `setlist/${soundHash(done)}.task-1.mp3`;
  for (const key of [lost, left, 'setlist/other.mp3']) {
    await bucket.store.put(key, Buffer.from('x'), { contentType: 'audio/mpeg' });
    await aged(bucket.store.locate(key));
  }
  const leftOvers = await taskLeftOvers(desk(), bucket, AT_ONCE);
  expect(leftOvers).toMatchObject([{ key: left, hash: soundHash(done) }]);
  expect(await all(removeTaskLeftOvers(desk(), bucket, leftOvers))).toMatchObject([
    { key: left, did: 'removed' },
  ]);
  expect(await bucket.store.head(lost)).toBeDefined();
});

test('a payment that goes on standing after a fresh recording failed is neither removed nor adopted over', async () => {
  const dispatcher = dispatcherHere(rig);
  const [wanted] = phrases(1, 'Recorded afresh in vain') as [Sound];
  await end(await made([wanted], 'first'));
  await dispatcher[Symbol.asyncDispose]();
  const hash = soundHash(wanted);
  const standing = (await rig.log.last(subjects.sound(hash)))?.seq ?? 0;
  const reason = { code: 'x', message: 'it failed', remedy: 'mend it' };
  const data = { hash, claim: 2, by: 'dispatcher-1', reason, billed: false, standing };
  const freed = newEvent('SoundFreed', data, { source: 'dispatcher', now: new Date() });
  await rig.log.append(freed, { lastSeq: standing });
  const [key = ''] = await keys();
  await aged(store.locate(key));
  expect(await surveyStore(desk(), AT_ONCE)).toMatchObject({ unused: [], leftOvers: [], strangers: [] });
  const mistaken = { key, hash, bytes: 1, modifiedAt: 0 };
  expect(await all(removeLeftOvers(desk(), [mistaken]))).toMatchObject([{ did: 'kept' }]);
  expect(await soundStanding(rig.log, hash)).toBe('known');
});
