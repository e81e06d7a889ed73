/** Items that wait for a quota hold up no others, and waiting neither counts as failing nor pays twice. */
import { hash as hashOf } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { type Sound, soundHash } from '@setlist/contracts';
import { RIGHT_TO_NEW } from '@setlist/sounds';
import { engineStats, eventually, onceStill, setFaults } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { LookUps } from '../../src/quota/look-ups.ts';
import { payment } from '../world/claims.ts';
import { callsOf, outcomesOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, freshQuotas, type Rig, startRig } from '../world/rig.ts';
import { ask, askOn, askWith, phrases, request, sound } from '../world/sets.ts';
import { openWay } from '../world/way.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterEach(() => setFaults(rig, {}));
afterAll(() => rig[Symbol.asyncDispose]());

const SLOW_NEURAL = 'neural.synthesize=0.5/1,standard.synthesize=200/200';
const SLOW_TASKS = 'standard.task=0.5/1,standard.synthesize=200/200';

test('neural items that wait for their quota hold up no standard items behind them', async () => {
  await using _ = dispatcherHere(rig, { QUOTAS: SLOW_NEURAL });
  const neural = phrases(200, 'In a fine voice', { engine: 'neural' });
  const setId = await ask(rig, [...neural, ...phrases(100, 'In a plain voice')], 'lanes');
  const isStandard = ({ data }: { data: { lane: string } }): boolean => data.lane === 'standard';
  await eventually(async () => (await outcomesOf(rig, setId)).filter(isStandard).length === 100);
  expect((await outcomesOf(rig, setId)).length).toBeLessThan(150);
});

test('long texts that wait for the task quota hold up no calls behind them', async () => {
  await using _ = dispatcherHere(rig, { QUOTAS: SLOW_TASKS, AHEAD: '16' });
  const long = phrases(60, 'On and on, and then some more. '.repeat(110));
  const setId = await ask(rig, [...long, ...phrases(40, 'In short')], 'long-first');
  const isShort = ({ data }: { data: { index: number } }): boolean => data.index >= 60;
  await eventually(async () => (await outcomesOf(rig, setId)).filter(isShort).length === 40);
  expect((await engineStats(rig)).tasksStarted).toBeLessThan(40);
});

test('as many calls as CONCURRENCY allows are made at once, and none fails for want of a connection', async () => {
  const COUNT = 300;
  const CALL = 'POST /v1/speech';
  await using way = await openWay(rig.engineUrl);
  // Sets of earlier tests may still call too.
  way.next(CALL, ...Array.from({ length: 10 * COUNT }, () => 'held' as const));
  const env = { CONCURRENCY: `${COUNT}`, CALL_TIMEOUT: '10m', POLLY_LOCAL_URL: way.url };
  await using _ = dispatcherHere(rig, env);
  const setId = await ask(rig, phrases(COUNT, 'All at once'), 'at-once');
  try {
    await eventually(() => way.seen(CALL) >= COUNT, { deadlineMs: 120_000 });
  } finally {
    way.next(CALL);
    way.release();
  }
  const outcomes = await settled(rig, setId, COUNT);
  expect(outcomes.filter(({ name }) => name === 'ItemFailed')).toEqual([]);
  const ofSet = (await soundEvents(rig)).filter(({ correlationId }) => correlationId === setId);
  expect(ofSet.filter(({ name }) => name === 'SoundFreed')).toEqual([]);
});

test('time spent throttled does not count as failing', async () => {
  const RETRY_FOR_MS = 8_000;
  await using _ = dispatcherHere(rig, { RETRY_FOR: `${RETRY_FOR_MS}ms` });
  const failed = async (): Promise<number> => (await callsOf(rig)).failed;
  const failOnceMore = async (): Promise<void> => {
    const before = await failed();
    await setFaults(rig, { serverError: 1 });
    await eventually(async () => (await failed()) > before, { everyMs: 10 });
  };
  const patient = phrases(1, 'All in good time');
  await setFaults(rig, { serverError: 1 });
  const setId = await ask(rig, patient, 'patient');
  await failOnceMore();
  await setFaults(rig, { throttle: 1 });
  const since = performance.now();
  await eventually(() => performance.now() > since + RETRY_FOR_MS + 500);
  await failOnceMore();
  await setFaults(rig, {});
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome).toMatchObject({ name: 'ItemCompleted', data: { how: 'paid' } });
});

test('a lasting failure ends the item after RETRY_FOR, with its number of tries', async () => {
  await using _ = dispatcherHere(rig, { RETRY_FOR: '1s' });
  await setFaults(rig, { serverError: 1 });
  const [outcome] = await settled(rig, await ask(rig, [sound('Out of order.')], 'broken'), 1);
  expect(outcome).toMatchObject({
    name: 'ItemFailed',
    data: { code: 'ServiceFailureException', message: expect.stringMatching(/\(tried \d+ times\)/) },
  });
});

test('a deadline ends the wait for another set’s payment, but not for its own set’s', async () => {
  const [others = sound(''), own = sound('')] = phrases(2, 'Somebody else may pay');
  const ledger = new SoundLedger(rig.log, 'dispatcher-elsewhere', new AbortController().signal);
  const claim = (wanted: Sound, set: string) =>
    ledger.claim(soundHash(wanted), RIGHT_TO_NEW, {
      ...{ operation: 'synthesize', lane: 'standard', holdMs: 60_000 },
      for: { set, index: 9, attempt: 1 },
    });
  await claim(others, 'a-set-without-a-deadline');
  await using _ = dispatcherHere(rig);
  await settled(rig, await ask(rig, phrases(1, 'Nobody waits for this'), 'ready'), 1);
  const deadline = new Date(rig.log.clock.now() + 2_000).toISOString();
  const setId = await askWith(rig, [others, own], { name: 'in-a-hurry', terms: { deadline }, asked: 0 });
  await claim(own, setId);
  const requests = [others, own].map((wanted, index) => request(wanted, index, 'in-a-hurry'));
  await askOn(rig, setId, requests);
  const [failed] = await settled(rig, setId, 1, 20_000);
  expect(failed?.data).toMatchObject({ index: 0, code: 'deadline' });
  expect(rig.log.clock.now()).toBeGreaterThanOrEqual(Date.parse(deadline));
  expect(await onceStill(async () => (await outcomesOf(rig, setId)).length)).toBe(1);
});

test('a sound that was taken over is not paid again if its slow holder notes a payment before the call’s moment', async () => {
  const longForm = { engine: 'long-form', voice: 'Danielle' } as const;
  const [first = sound(''), wanted = sound('')] = phrases(2, 'Better late', longForm);
  const hash = soundHash(wanted);
  const slow = new SoundLedger(rig.log, 'a-slow-dispatcher', new AbortController().signal);
  const claim = await slow.claim(hash, RIGHT_TO_NEW, {
    ...{ operation: 'synthesize', lane: 'standard', holdMs: 1 },
    for: { set: 'another', index: 0, attempt: 1 },
  });
  if (!claim) throw new Error('the first claim must hold');
  // After the first call, the next is due in 20 s.
  await using _ = dispatcherHere(rig, { QUOTAS: 'long-form.synthesize=0.05/1', CALL_TIMEOUT: '60s' });
  const setId = await ask(rig, [first, wanted], 'late-payer');
  await settled(rig, setId, 1);
  // Taken over; the next renewal comes after the moment of the call.
  await eventually(async () => {
    const claims = (await soundEvents(rig, hash)).filter(({ name }) => name === 'SoundClaimed');
    expect(claims).toHaveLength(2);
  });
  const audioOf = (of: Sound) => `${rig.folder}/store/audio/${soundHash(of)}.mp3`;
  await copyFile(audioOf(first), audioOf(wanted));
  const audio = await readFile(audioOf(wanted));
  const sha256 = hashOf('sha256', audio);
  await slow.paid(claim, payment(claim, slow.replica, { lane: 'long-form', sha256, bytes: audio.length }));
  await freshQuotas(rig);
  const outcomes = await settled(rig, setId, 2);
  expect(outcomes.map(({ data }) => 'how' in data && data.how)).toEqual(['paid', 'reused']);
  expect(await callsOf(rig, 'SynthesizeSpeech/long-form')).toMatchObject({ ok: 1 });
});

test('items that wait for another’s payments hold up no items behind them, however many they are', async () => {
  const others = phrases(20, 'Somebody else is paying');
  const ledger = new SoundLedger(rig.log, 'dispatcher-elsewhere', new AbortController().signal);
  for (const [index, wanted] of others.entries()) {
    await ledger.claim(soundHash(wanted), RIGHT_TO_NEW, {
      ...{ operation: 'synthesize', lane: 'standard', holdMs: 60_000 },
      for: { set: 'another', index, attempt: 1 },
    });
  }
  await using _ = dispatcherHere(rig, { AHEAD: '8', CONCURRENCY: '2' });
  const setId = await ask(rig, [...others, ...phrases(10, 'Nobody else wants this')], 'behind-others');
  const outcomes = await settled(rig, setId, 10, 30_000);
  const indexes = outcomes.map(({ data }) => data.index).sort((a, b) => a - b);
  expect(indexes).toEqual(Array.from({ length: 10 }, (_, at) => others.length + at));
});

test('a list of tasks that the provider throttles half way is read to its end, though no quota is kept', async () => {
  await using way = await openWay(rig.engineUrl);
  const provider = pollySpeech({ region: 'us-east-1', endpoint: way.url, callTimeoutMs: 60_000 });
  const output = { bucket: 'a-bucket', keyPrefix: 'listed/' };
  const start = (listed: Sound) => provider.startTask(listed, output);
  const started = await Promise.all(phrases(220, 'One of a long list').map(start));
  const FIRST = 'GET /v1/synthesisTasks?MaxResults=100';
  const { next } = await provider.listTasks();
  way.next(`${FIRST}&NextToken=${encodeURIComponent(next ?? '')}`, 'throttled', 'throttled');
  const looks = way.seen(FIRST);
  const lookUps = new LookUps(undefined, new AbortController().signal);
  const listed = await Array.fromAsync(lookUps.pages((from) => provider.listTasks(from)));
  provider.close();
  const ids = listed.map(({ taskId }) => taskId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(started.map(({ taskId }) => taskId)));
  expect(way.seen(`${FIRST}&NextToken=${encodeURIComponent(next ?? '')}`)).toBe(3);
  expect(way.seen(FIRST) - looks).toBe(1);
});
