/** Fresh sets: each sound is recorded once more, whichever dispatcher takes it, and however often it is delivered. */
import { type Sound, soundHash } from '@setlist/contracts';
import { rightToRepay } from '@setlist/sounds';
import { engineStats, eventually, setFaults } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { callsOf, outcomesOf, settled, soundEvents, total } from '../world/probes.ts';
import { dispatcherHere, dispatcherProcess, type Rig, startRig } from '../world/rig.ts';
import { ask, askWith, phrases, sound } from '../world/sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterEach(() => setFaults(rig, {}));
afterAll(() => rig[Symbol.asyncDispose]());

const fresh = { fresh: true } as const;
const paymentsOf = async (hash: string) =>
  (await soundEvents(rig, hash)).flatMap((event) => (event.name === 'SoundPaid' ? [event.data] : []));

/** How many calls the engine billed, whether or not their replies arrived completely. */
const billedCalls = async (): Promise<number> => {
  const { sounds, lostSounds } = await engineStats(rig);
  return total(sounds) + total(lostSounds);
};

/** How many calls for these sounds timed out, by the log. */
async function timedOut(sounds: readonly Sound[]): Promise<number> {
  const hashes = new Set(sounds.map(soundHash));
  return (await soundEvents(rig)).filter(
    ({ name, data }) =>
      name === 'SoundFreed' &&
      hashes.has(data.hash) &&
      'reason' in data &&
      data.reason.code === 'call-timeout',
  ).length;
}

test('records each sound of the set once more, for fifty items or one, and notes why', async () => {
  const patient = { CALL_TIMEOUT: '30s' };
  await using _one = dispatcherHere(rig, patient);
  await using _two = dispatcherHere(rig, patient);
  const [same, other] = [sound('Once more, with feeling.'), sound('And once more.')];
  await settled(rig, await ask(rig, [same, other], 'first'), 2);
  const calls = (await callsOf(rig)).ok;

  const items = [...Array.from({ length: 50 }, () => same), other];
  const setId = await askWith(rig, items, { name: 'anew', terms: fresh });
  const outcomes = await settled(rig, setId, 51);
  expect(outcomes.filter(({ data }) => 'how' in data && data.how === 'paid')).toHaveLength(2);
  expect((await callsOf(rig)).ok).toBe(calls + 2);
  for (const each of [same, other]) {
    const paid = await paymentsOf(soundHash(each));
    expect(paid.map(({ repaid }) => repaid?.because)).toEqual([undefined, 'fresh']);
  }

  await settled(rig, await ask(rig, items, 'plain-again'), 51);
  expect((await callsOf(rig)).ok).toBe(calls + 2);
});

test('a killed dispatcher’s work is redelivered, and at most the calls in flight are made twice', async () => {
  const sounds = phrases(30, 'Take two');
  const soon = { CALL_TIMEOUT: '1s', ACK_WAIT: '2s', CONCURRENCY: '4' };
  {
    await using _patient = dispatcherHere(rig, { CALL_TIMEOUT: '30s' });
    await settled(rig, await ask(rig, sounds, 'take-one'), 30);
  }
  await using victim = await dispatcherProcess(rig, soon);
  await setFaults(rig, { latencyMs: [100, 200] });
  const before = await billedCalls();
  const setId = await askWith(rig, sounds, { name: 'take-two', terms: fresh });
  await settled(rig, setId, 8);
  await victim.kill9();
  await using _heir = await dispatcherProcess(rig, soon);
  await settled(rig, setId, 30);
  for (const each of sounds) {
    const [first, ...again] = await paymentsOf(soundHash(each));
    expect(first).not.toHaveProperty('repaid');
    // If the victim had stored the same bytes, or its reply was lost, the one payment says `expired`. On a busy
    // machine, a call of the heir can time out as well, which gives `cut`.
    const because = expect.stringMatching(/^(fresh|expired|cut)$/);
    expect(again.map(({ repaid }) => repaid?.because)).toEqual([because]);
  }
  const inFlight = Number(soon.CONCURRENCY) + (await timedOut(sounds));
  expect((await billedCalls()) - before).toBeLessThanOrEqual(sounds.length + inFlight);
});

test('audio of the earlier payment is not taken for what a dispatcher left that died before it recorded the sound afresh', async () => {
  const wanted = sound('The same, but new.');
  const hash = soundHash(wanted);
  const patient = { CALL_TIMEOUT: '30s' };
  {
    await using _ = dispatcherHere(rig, patient);
    await settled(rig, await ask(rig, [wanted], 'before'), 1);
  }
  const calls = (await callsOf(rig)).ok;
  const setId = await askWith(rig, [wanted], { name: 'left-old', terms: fresh });
  const dying = new SoundLedger(rig.log, 'one-that-dies', new AbortController().signal);
  const state = await dying.readAnew(hash);
  if (state.kind !== 'paid') throw new Error('the sound must be paid');
  const terms = {
    for: { set: setId, index: 0, attempt: 1 },
    operation: 'synthesize',
    lane: 'standard',
    holdMs: 1,
  } as const;
  expect(await dying.claim(hash, rightToRepay(state, 'fresh'), terms)).toBeDefined();
  await using _heir = dispatcherHere(rig, patient);
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome?.data).toMatchObject({ how: 'paid' });
  expect((await callsOf(rig)).ok).toBe(calls + 1);
});

test('a fresh recording that fails leaves the sound paid for other sets', async () => {
  await using _ = dispatcherHere(rig, { RETRY_FOR: '1s' });
  const wanted = sound('It was good enough before.');
  await settled(rig, await ask(rig, [wanted], 'good'), 1);
  await setFaults(rig, { serverError: 1 });
  const anew = await askWith(rig, [wanted], { name: 'no-better', terms: fresh });
  const [failed] = await settled(rig, anew, 1);
  expect(failed?.name).toBe('ItemFailed');
  const [reused] = await settled(rig, await ask(rig, [wanted], 'still-good'), 1);
  expect(reused?.data).toMatchObject({ how: 'reused', billedCharacters: 0 });
  expect(await paymentsOf(soundHash(wanted))).toHaveLength(1);
});

test('a fresh task that is throttled before it is accepted is still marked as a repeat because it is fresh', async () => {
  await using _ = dispatcherHere(rig);
  const long = sound('It was said at length before, and it is said at length again. '.repeat(55));
  await settled(rig, await ask(rig, [long], 'at-length'), 1);
  await setFaults(rig, { throttle: 1 });
  const setId = await askWith(rig, [long], { name: 'at-length-anew', terms: fresh });
  await eventually(async () =>
    (await soundEvents(rig, soundHash(long))).some(({ name }) => name === 'SoundFreed'),
  );
  await setFaults(rig, {});
  await settled(rig, setId, 1);
  const paid = await paymentsOf(soundHash(long));
  expect(paid.map(({ how, repaid }) => [how, repaid?.because])).toEqual([
    ['task', undefined],
    ['task', 'fresh'],
  ]);
});

test('a fresh set records each sound once even while another set wants the same sounds', async () => {
  await setFaults(rig, { latencyMs: [50, 100] });
  await using _ = dispatcherHere(rig);
  const sounds = phrases(20, 'At the same time');
  const calls = (await callsOf(rig)).ok;
  const plain = await ask(rig, sounds, 'plain');
  await eventually(async () => (await outcomesOf(rig, plain)).length > 0);
  await settled(rig, plain, 20);
  const anew = await askWith(rig, sounds, { name: 'beside', terms: fresh });
  const beside = await ask(rig, sounds, 'beside-plain');
  await Promise.all([settled(rig, anew, 20), settled(rig, beside, 20)]);
  expect((await callsOf(rig)).ok).toBe(calls + 40);
});
