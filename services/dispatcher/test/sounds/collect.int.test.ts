/** Removing unused audio, on a real broker: never wanted audio, and safe while dispatchers run. */
import { EVENTS_STREAM, newEvent, type Sound, soundHash, subjects } from '@setlist/contracts';
import { openEventLog, openMaintenance } from '@setlist/eventlog';
import { removeLeftOvers, removeUnused, soundStanding, surveyStore } from '@setlist/sounds';
import { engineStats, eventually, publishRaw, startNats } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AT_ONCE, aged, all, type CollectWorld, startCollectWorld } from '../world/collect-world.ts';
import { outcomesOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere } from '../world/rig.ts';
import { ask, askOn, askWith, phrases, request, say } from '../world/sets.ts';

let world: CollectWorld;
beforeEach(async () => {
  world = await startCollectWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

test('lists sounds that no set has used for the given time, with their last use and the cost to make them again', async () => {
  await using _dispatcher = dispatcherHere(world.rig);
  const [often, once] = phrases(2, 'Used') as [Sound, Sound];
  const first = await world.made([often, once], 'first');
  await world.end(first);
  const between = world.rig.log.clock.now();
  const second = await world.made([often], 'second');
  await world.end(second);
  const { unused, stored } = await surveyStore(world.holdings, {
    ...AT_ONCE,
    unusedForMs: world.rig.log.clock.now() - between,
  });
  expect(stored.count).toBe(2);
  expect(unused).toMatchObject([
    {
      hash: soundHash(once),
      lane: 'standard',
      lastUse: { set: first, provider: 'local', billedCharacters: 15 },
    },
  ]);
  const all = await surveyStore(world.holdings, AT_ONCE);
  expect(all.unused.map(({ lastUse }) => lastUse?.set)).toEqual([first, second]);
});

test('counts sounds of archived sets as used until the log continued without those sets', async () => {
  const dispatcher = dispatcherHere(world.rig);
  const wanted = phrases(1, 'Archived');
  const first = await world.made(wanted, 'first');
  const paidBy = world.rig.log.clock.now();
  const second = await world.made(wanted, 'second');
  await dispatcher[Symbol.asyncDispose]();
  for (const setId of [first, second]) await world.end(setId);

  await using other = await startNats();
  await using live = await openMaintenance({ servers: world.rig.nats.url, name: 'test' });
  await using next = await openMaintenance({ servers: other.url, name: 'test' });
  const { head, chunks } = await live.snapshot(EVENTS_STREAM);
  await next.restoreWithout(head, chunks, [first, second]);
  await using log = await openEventLog({ servers: other.url, name: 'test' });
  const since = (then: number) => ({ ...AT_ONCE, unusedForMs: log.clock.now() - then });
  expect((await surveyStore({ log, store: world.store }, since(paidBy))).unused).toEqual([]);

  // If the log has no events since, the time counts from the archiving itself.
  const aMoment = { ...AT_ONCE, unusedForMs: 100 };
  await eventually(async () => (await surveyStore({ log, store: world.store }, aMoment)).unused.length === 1);

  await ask({ ...world.rig, log }, phrases(1, 'Later'), 'later');
  const [accepted] = await Array.fromAsync(log.read({ subjects: [subjects.state('*')] }));
  const { unused } = await surveyStore({ log, store: world.store }, AT_ONCE);
  expect(unused).toMatchObject([
    { hash: soundHash(wanted[0] as Sound), lastUsedAt: accepted?.time.getTime() },
  ]);
});

test('keeps sounds of sets that have not ended: running, paused, retried, unreadable, or accepted since the survey', async () => {
  const dispatcher = dispatcherHere(world.rig);
  const wanted = phrases(5, 'Wanted') as [Sound, Sound, Sound, Sound, Sound];
  const sets = await Promise.all(wanted.map((each, at) => world.made([each], `set-${at}`)));
  await dispatcher[Symbol.asyncDispose]();
  for (const setId of sets) await world.end(setId);
  expect((await surveyStore(world.holdings, AT_ONCE)).unused).toHaveLength(5);

  await ask(world.rig, [wanted[0]], 'running');
  await say(world.rig, await ask(world.rig, [wanted[1]], 'paused'), 'SetPaused', {});
  await say(world.rig, sets[2] as string, 'SetRetried', { round: 2, items: 1 });
  await publishRaw(world.rig.nats.url, subjects.state(sets[3] as string), 'Said in a newer way.');
  const survey = await surveyStore(world.holdings, AT_ONCE);
  expect(survey.unused.map(({ hash }) => hash)).toEqual([soundHash(wanted[4])]);
  await ask(world.rig, [wanted[4]], 'late');
  expect(await all(removeUnused(world.holdings, survey, 'cli-1'))).toMatchObject([{ did: 'kept' }]);
  expect(await world.keys()).toHaveLength(5);
});

test('removes no sounds while ingest has not requested all items of an accepted set', async () => {
  await using _dispatcher = dispatcherHere(world.rig);
  const old = phrases(2, 'Old') as [Sound, Sound];
  await world.end(await world.made(old, 'old'));
  const late = await askWith(world.rig, old, { name: 'late', asked: 1 });
  await settled(world.rig, late, 1);
  const before = await surveyStore(world.holdings, AT_ONCE);
  expect(before).toMatchObject({ unasked: [late], unused: [{ hash: soundHash(old[1]) }] });
  expect(await all(removeUnused(world.holdings, before, 'cli-1'))).toMatchObject([{ did: 'kept' }]);

  await askOn(world.rig, late, [request(old[1], 1, 'late')]);
  const outcomes = await settled(world.rig, late, 2);
  expect(outcomes.map(({ data }) => data)).toMatchObject([{ how: 'reused' }, { how: 'reused' }]);
  await world.end(late);
  const after = await surveyStore(world.holdings, AT_ONCE);
  expect([after.unasked, after.unused.length]).toEqual([[], 2]);
  const since = await askWith(world.rig, old, { name: 'since', asked: 0 });
  expect(await all(removeUnused(world.holdings, after, 'cli-1'))).toMatchObject([
    { did: 'kept' },
    { did: 'kept' },
  ]);
  await world.end(since);
  expect(await all(removeUnused(world.holdings, after, 'cli-1'))).toMatchObject([
    { did: 'removed' },
    { did: 'removed' },
  ]);
});

test('removes no sounds while the items of a retry given since the survey have not been requested', async () => {
  await using _dispatcher = dispatcherHere(world.rig);
  const [wanted] = phrases(1, 'Tried again') as [Sound];
  await world.end(await world.made([wanted], 'paid'));
  const setId = await world.made([wanted], 'tried');
  await world.end(setId);
  const survey = await surveyStore(world.holdings, AT_ONCE);
  await say(world.rig, setId, 'SetRetried', { round: 2, items: 1 });
  expect(await all(removeUnused(world.holdings, survey, 'cli-1'))).toMatchObject([{ did: 'kept' }]);

  const causationId = (await world.rig.log.last(subjects.state(setId)))?.event?.id ?? '';
  const context = { source: 'tracker', now: new Date(), setId, causationId } as const;
  const again = newEvent('ItemRequested', { ...request(wanted, 0, 'tried'), attempt: 2 }, context);
  await world.rig.log.appendAll([again]);
  const [, second] = await settled(world.rig, setId, 2);
  expect(second?.data).toMatchObject({ attempt: 2, how: 'reused' });
});

test('a removed sound is freed in the log, and a later set pays for it as if for the first time', async () => {
  await using _dispatcher = dispatcherHere(world.rig);
  const wanted = phrases(3, 'Removed');
  const first = await world.made(wanted, 'first');
  await world.end(first);
  const survey = await surveyStore(world.holdings, AT_ONCE);
  expect(await all(removeUnused(world.holdings, survey, 'cli-1'))).toMatchObject([
    { did: 'removed' },
    {},
    {},
  ]);
  expect(await world.keys()).toEqual([]);
  expect(await surveyStore(world.holdings, AT_ONCE)).toMatchObject({
    unused: [],
    leftOvers: [],
    strangers: [],
  });

  const second = await world.made(wanted, 'second');
  for (const { data } of await outcomesOf(world.rig, second)) expect(data).toMatchObject({ how: 'paid' });
  const events = await soundEvents(world.rig, soundHash(wanted[0] as Sound));
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

test('while dispatchers run, every item still gets its audio, and every payment has its reason', async () => {
  await using _one = dispatcherHere(world.rig);
  await using _two = dispatcherHere(world.rig);
  const wanted = phrases(20, 'Crossing');
  await world.end(await world.made(wanted, 'round'));
  for (let round = 0; round < 8; round++) {
    const survey = await surveyStore(world.holdings, AT_ONCE);
    const [removals, setId] = await Promise.all([
      all(removeUnused(world.holdings, survey, `cli-${round}`)),
      world.made(wanted, 'round'),
    ]);
    expect(removals).toHaveLength(survey.unused.length);
    for (const { name } of await outcomesOf(world.rig, setId)) expect(name).toBe('ItemCompleted');
    await world.end(setId);
  }
  let payments = 0;
  for (const each of wanted) {
    const events = await soundEvents(world.rig, soundHash(each));
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
  const { calls } = await engineStats(world.rig);
  const answered = Object.values(calls).reduce((sum, { ok }) => sum + ok, 0);
  expect(answered, 'no call that the log does not know').toBe(payments);
});

test('a payment that still stands after a failed fresh recording is neither removed nor replaced by adoption', async () => {
  const dispatcher = dispatcherHere(world.rig);
  const [wanted] = phrases(1, 'Recorded afresh in vain') as [Sound];
  await world.end(await world.made([wanted], 'first'));
  await dispatcher[Symbol.asyncDispose]();
  const hash = soundHash(wanted);
  const standing = (await world.rig.log.last(subjects.sound(hash)))?.seq ?? 0;
  const reason = { code: 'x', message: 'it failed', remedy: 'mend it' };
  const data = { hash, claim: 2, by: 'dispatcher-1', reason, billed: false, standing };
  const freed = newEvent('SoundFreed', data, { source: 'dispatcher', now: new Date() });
  await world.rig.log.append(freed, { lastSeq: standing });
  const [key = ''] = await world.keys();
  await aged(world.store.locate(key));
  expect(await surveyStore(world.holdings, AT_ONCE)).toMatchObject({
    unused: [],
    leftOvers: [],
    strangers: [],
  });
  const mistaken = { key, hash, bytes: 1, modifiedAt: 0 };
  expect(await all(removeLeftOvers(world.holdings, [mistaken]))).toMatchObject([{ did: 'kept' }]);
  const stands = (held: string) =>
    soundStanding(world.holdings, { hash, sound: wanted }, async ({ object }) => object === held);
  expect([await stands(key), await stands('gone')]).toEqual(['known', 'open']);
});
