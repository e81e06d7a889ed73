/** Tasks that can't be listed: their items end with the reason, and what the tasks bring is not paid for again. */

import { soundHash } from '@setlist/contracts';
import { engineStats, eventually } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { callsOf, outcomesOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig, withClock } from '../world/rig.ts';
import { ask, askWith, phrases, sound } from '../world/sets.ts';
import { openWay, type Way } from '../world/way.ts';

const LIST = 'GET /v1/synthesisTasks?MaxResults=100';

let rig: Rig;
let way: Way;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
  way = await openWay(rig.engineUrl);
});
afterEach(() => way.next(LIST));
afterAll(async () => {
  await way[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

/** From now on, until {@link LIST} gets another fate. */
const listIs = (fate: 'denied' | 'unheard'): void =>
  way.next(LIST, ...Array.from({ length: 10_000 }, () => fate));

const inMs = (ms: number): string => new Date(rig.log.clock.now() + ms).toISOString();

test('an item whose task may not be listed fails with the provider’s message, and is recovered once it may', async () => {
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url });
  const before = (await engineStats(rig)).tasksStarted;
  const long = sound('It was said and written, and no one here may know about it. '.repeat(60));
  listIs('denied');
  const terms = { deadline: inMs(60_000) };
  const [failed] = await settled(rig, await askWith(rig, [long], { name: 'denied', terms }), 1);
  expect(failed?.data).toMatchObject({
    code: 'AccessDeniedException',
    message: 'not authorized to do this',
    remedy: expect.stringContaining('permission'),
  });
  const freed = (await soundEvents(rig, soundHash(long))).at(-1);
  expect(freed).toMatchObject({ name: 'SoundFreed', data: { lost: { taskId: expect.any(String) } } });
  way.next(LIST);
  const [outcome] = await settled(rig, await ask(rig, [long], 'allowed'), 1);
  expect(outcome?.data).toMatchObject({ how: 'recovered', billedCharacters: long.text.length });
  const paid = (await soundEvents(rig, soundHash(long))).at(-1);
  expect(paid?.data).not.toHaveProperty('repaid');
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});

test('no call is made for an item whose task may not be listed', async () => {
  const { tasksStarted } = await engineStats(rig);
  const { ok } = await callsOf(rig);
  const asked = phrases(3, 'Either way');
  listIs('denied');
  let setId: string;
  {
    // After the first call the next is due in 20 s: one item waits for it, and tasks take the others.
    const slow = { QUOTAS: 'standard.synthesize=0.05/1/1', POLLY_LOCAL_URL: way.url };
    await using _ = dispatcherHere(rig, slow);
    await settled(rig, await ask(rig, phrases(1, 'The only call'), 'one-call'), 1);
    setId = await askWith(rig, asked, { name: 'both-denied', terms: { paths: 'both' } });
    const [denied] = await settled(rig, setId, 1);
    expect(denied?.data).toMatchObject({ code: 'AccessDeniedException' });
  }
  way.next(LIST);
  await using _ = dispatcherHere(rig);
  const allowed = await settled(rig, await ask(rig, asked, 'both-allowed'), asked.length);
  const outcomes = [...allowed, ...(await settled(rig, setId, asked.length))];
  const recovered = outcomes.filter(({ data }) => 'how' in data && data.how === 'recovered').length;
  expect(recovered).toBeGreaterThanOrEqual(1);
  expect((await engineStats(rig)).tasksStarted - tasksStarted).toBe(recovered);
  expect((await callsOf(rig)).ok - ok).toBe(1 + asked.length - recovered);
});

/** The engine writes to another bucket than the dispatcher reads. */
const elsewhere = () => ({ POLLY_LOCAL_URL: way.url, TASK_STORE: `${rig.folder}/buckets/empty` });

const unheardOf = (name: string) =>
  sound(`It was said and written, and until ${name} nobody can be asked about it. `.repeat(60));

/** What each claim on a sound left behind that was given up. */
const freedOf = async (of: ReturnType<typeof sound>) =>
  (await soundEvents(rig, soundHash(of))).flatMap(({ name, data }) => (name === 'SoundFreed' ? [data] : []));

test('an item whose task can’t be listed is tried until RETRY_FOR, then its audio is looked for in the bucket', async () => {
  await using _ = dispatcherHere(rig, { RETRY_FOR: '2s', POLLY_LOCAL_URL: way.url });
  const before = (await engineStats(rig)).tasksStarted;
  const long = unheardOf('RETRY_FOR');
  listIs('unheard');
  const begun = rig.log.clock.now();
  const [outcome] = await settled(rig, await ask(rig, [long], 'unheard'), 1);
  expect(rig.log.clock.now() - begun).toBeGreaterThan(2_000);
  expect(outcome?.data).toMatchObject({ how: 'paid', billedCharacters: long.text.length });
  expect(await freedOf(long), 'the same claim looks in the bucket').toEqual([]);
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});

test('an item whose task can neither be listed nor found in the bucket is given up after one RETRY_FOR, and recovered later', async () => {
  const before = (await engineStats(rig)).tasksStarted;
  const long = unheardOf('long after RETRY_FOR');
  listIs('unheard');
  {
    await using _ = dispatcherHere(rig, { ...elsewhere(), RETRY_FOR: '2s' });
    const [failed] = await settled(rig, await ask(rig, [long], 'unheard-of'), 1);
    expect(failed?.data).toMatchObject({
      code: 'ServiceFailureException',
      message: expect.stringContaining('(tried 1 times)'),
    });
    expect(await freedOf(long)).toMatchObject([{ billed: true, lost: { taskId: expect.any(String) } }]);
  }
  way.next(LIST);
  await using _ = dispatcherHere(rig);
  const [outcome] = await settled(rig, await ask(rig, [long], 'heard'), 1);
  expect(outcome?.data).toMatchObject({ how: 'recovered', billedCharacters: long.text.length });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});

const HOUR_MS = 3_600_000;

/** Waits until a set's task has been looked for in vain several times, and its item is still not given up. */
async function lookedForInVain(setId: string): Promise<void> {
  const looks = way.seen(LIST);
  await eventually(() => way.seen(LIST) > looks + 5);
  expect(await outcomesOf(rig, setId)).toEqual([]);
}

test('an item whose task can’t be listed is tried until the deadline, then its audio is looked for in the bucket', async () => {
  const { rig: here, moveOn } = withClock(rig);
  await using _ = dispatcherHere(here, { POLLY_LOCAL_URL: way.url });
  const before = (await engineStats(rig)).tasksStarted;
  const long = unheardOf('the deadline');
  listIs('unheard');
  const terms = { deadline: inMs(HOUR_MS) };
  const setId = await askWith(rig, [long], { name: 'unheard-late', terms });
  await lookedForInVain(setId);
  moveOn(HOUR_MS);
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome?.data).toMatchObject({ how: 'paid', billedCharacters: long.text.length });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});

test('an item whose task can neither be listed nor found in the bucket by the deadline is given up, and recovered later', async () => {
  const before = (await engineStats(rig)).tasksStarted;
  const long = unheardOf('much later');
  listIs('unheard');
  {
    const { rig: here, moveOn } = withClock(rig);
    await using _ = dispatcherHere(here, elsewhere());
    const terms = { deadline: inMs(HOUR_MS) };
    const setId = await askWith(rig, [long], { name: 'unfound', terms });
    await lookedForInVain(setId);
    moveOn(HOUR_MS);
    const [failed] = await settled(rig, setId, 1);
    expect(failed?.data).toMatchObject({
      code: 'deadline',
      message: expect.stringMatching(/its last try: \w/),
    });
  }
  way.next(LIST);
  await using _ = dispatcherHere(rig);
  const [outcome] = await settled(rig, await ask(rig, [long], 'found'), 1);
  expect(outcome?.data).toMatchObject({ how: 'recovered', billedCharacters: long.text.length });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});
