/** Calls and tasks side by side, deadlines, and unreadable requests: every item ends as its set asks. */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { newEvent, type SetlistEvent, subjects } from '@setlist/contracts';
import { engineStats, eventually, publishRaw, setFaults } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { callsOf, outcomesOf, paidTwice, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig, withClock } from '../world/rig.ts';
import { ask, askWith, phrases, request, say, sound } from '../world/sets.ts';

const QUOTAS = 'neural.synthesize=8/10/18,neural.task=10/10,standard.synthesize=200/200/80';

const HOUR_MS = 3_600_000;

let rig: Rig;
beforeAll(async () => {
  // A larger burst than dispatchers are told is for calls that a busy machine lets through too close together.
  const QUOTAS = 'neural.synthesize=8/20/18,neural.task=10/10,poll=100/100';
  rig = await startRig({ ENGINE: 'instant', QUOTAS });
});
afterEach(() => setFaults(rig, {}));
afterAll(() => rig[Symbol.asyncDispose]());

const expectCompleted = (outcomes: Awaited<ReturnType<typeof outcomesOf>>): void =>
  expect(new Set(outcomes.map(({ name }) => name))).toEqual(new Set(['ItemCompleted']));

const soundsOf = async (setId: string) =>
  (await soundEvents(rig)).filter(({ correlationId }) => correlationId === setId);

/** The operations that a set's sounds were claimed for. */
const operationsOf = async (setId: string): Promise<Set<string>> =>
  new Set(
    (await soundsOf(setId)).flatMap(({ name, data }) =>
      name === 'SoundClaimed' && 'operation' in data ? [data.operation] : [],
    ),
  );

/** How far apart a set's last call and last task ended, and how long its longest task took. */
async function endsOf(setId: string) {
  const started = new Map<string, number>();
  const last = { task: 0, synthesized: 0 };
  let longestTaskMs = 0;
  for (const { name, time, data } of await soundsOf(setId)) {
    const at = Date.parse(time);
    if (name === 'SoundTaskStarted') started.set(data.hash, at);
    if (name !== 'SoundPaid' || !(data.how === 'task' || data.how === 'synthesized')) continue;
    last[data.how] = Math.max(last[data.how], at);
    if (data.how === 'task') longestTaskMs = Math.max(longestTaskMs, at - (started.get(data.hash) ?? 0));
  }
  return { apartMs: Math.abs(last.task - last.synthesized), longestTaskMs };
}

const both = { paths: 'both' } as const;
const neural = { engine: 'neural' } as const;
describe('both paths', () => {
  test('share a set within both quotas, and every file is complete', async () => {
    await using _ = dispatcherHere(rig, { QUOTAS });
    const before = (await engineStats(rig)).tasksStarted;
    const sounds = phrases(200, 'One way or the other', { ...neural, sampleRate: 24_000 });
    const setId = await askWith(rig, sounds, { name: 'both', terms: both });
    const outcomes = await settled(rig, setId, 200);
    const stats = await engineStats(rig);
    expect(stats.tasksStarted - before).toBeGreaterThan(40);
    expect(stats.calls['SynthesizeSpeech/neural']?.ok).toBeGreaterThan(40);
    // On a busy machine, a call or two can arrive too close together.
    expect(stats.throttled).toBeLessThanOrEqual(4);
    expect(paidTwice(stats)).toEqual([]);
    for (const { data } of outcomes) {
      expect(data).toMatchObject({
        how: 'paid',
        sha256: hash('sha256', await readFile(`${rig.folder}/out/${data.file}`)),
      });
    }
    expect(await operationsOf(setId)).toEqual(new Set(['synthesize', 'task']));
    const { apartMs, longestTaskMs } = await endsOf(setId);
    expect(apartMs).toBeLessThan(longestTaskMs + 1_500);
  });

  test('leave a few items, and sample rates that tasks do not support, to calls', async () => {
    await using _ = dispatcherHere(rig, { QUOTAS });
    const before = (await engineStats(rig)).tasksStarted;
    const few = phrases(5, 'Only a few', neural);
    expectCompleted(await settled(rig, await askWith(rig, few, { name: 'few', terms: both }), 5));
    const high = phrases(100, 'In high fidelity', { ...neural, sampleRate: 48_000 });
    expectCompleted(await settled(rig, await askWith(rig, high, { name: 'high', terms: both }), 100));
    expect((await engineStats(rig)).tasksStarted).toBe(before);
  });

  test('use only calls if the bucket refuses tasks', async () => {
    // Without a burst, tasks are tried one by one until the first is refused.
    const quotas = { QUOTAS: 'neural.synthesize=8/10/18,neural.task=10/1' };
    await using _ = dispatcherHere(rig, { ...quotas, TASK_BUCKET: 'No_Bucket' });
    const TASKS = 'StartSpeechSynthesisTask/neural';
    const { refused } = await callsOf(rig, TASKS);
    const sounds = phrases(120, 'Nowhere to put it', { ...neural, sampleRate: 24_000 });
    const setId = await askWith(rig, sounds, { name: 'refused', terms: both });
    expectCompleted(await settled(rig, setId, 120));
    const tried = (await callsOf(rig, TASKS)).refused - refused;
    expect(tried).toBeGreaterThan(0);
    expect(tried).toBeLessThanOrEqual(16);
  });

  test('are used alike after a long text took a long time', async () => {
    await using _ = dispatcherHere(rig, { QUOTAS, CALL_TIMEOUT: '10s' });
    await setFaults(rig, { latencyMs: [2_500, 2_500] });
    const long = phrases(1, 'On and on, and then some more. '.repeat(110), neural);
    expectCompleted(await settled(rig, await ask(rig, long, 'long'), 1));
    await setFaults(rig, {});
    // Enough that calls alone take slightly longer than a task is assumed to take at first.
    const ordinary = phrases(90, 'At an ordinary length', { ...neural, sampleRate: 24_000 });
    const setId = await askWith(rig, ordinary, { name: 'ordinary', terms: both });
    expectCompleted(await settled(rig, setId, 90));
    expect(await operationsOf(setId)).toContain('task');
  });

  test('work without a quota too', async () => {
    await using _ = dispatcherHere(rig, { CONCURRENCY: '2', TASK_POLL_EVERY: '20ms' });
    // So slow that calls alone would take longer than a task is assumed to take at first.
    await setFaults(rig, { latencyMs: [150, 250] });
    const setId = await askWith(rig, phrases(130, 'No hurry'), { name: 'off', terms: both });
    expectCompleted(await settled(rig, setId, 130));
    expect(await operationsOf(setId)).toEqual(new Set(['synthesize', 'task']));
  });
});

describe('a deadline', () => {
  const inMs = (ms: number): string => new Date(rig.log.clock.now() + ms).toISOString();

  test('fails items not started by then, with a remedy, but paid sounds are still delivered', async () => {
    await using _ = dispatcherHere(rig, { QUOTAS });
    const [known, ...others] = phrases(60, 'Too late', neural);
    if (!known) throw new Error('phrases were made');
    await settled(rig, await ask(rig, [known], 'in-time'), 1);
    const before = (await callsOf(rig, 'SynthesizeSpeech/neural')).ok;
    const terms = { deadline: inMs(2_000) };
    const setId = await askWith(rig, [...others, known], { name: 'late', terms });
    const outcomes = await settled(rig, setId, 60);
    const failed = outcomes.filter(({ name }) => name === 'ItemFailed');
    expect(failed.length).toBeGreaterThan(10);
    for (const { data } of failed)
      expect(data).toMatchObject({ code: 'deadline', remedy: expect.stringContaining('setlist retry') });
    expect(outcomes.find(({ data }) => data.index === 59)?.name).toBe('ItemCompleted');
    const paid = outcomes.filter(({ data }) => 'how' in data && data.how === 'paid');
    expect(paid).toHaveLength((await callsOf(rig, 'SynthesizeSpeech/neural')).ok - before);
  });

  test('limits retries instead of RETRY_FOR, and the reason names the last failure', async () => {
    const { rig: here, moveOn } = withClock(rig);
    await using _ = dispatcherHere(here, { RETRY_FOR: '1ms' });
    await setFaults(rig, { serverError: 1 });
    const terms = { deadline: inMs(HOUR_MS) };
    const setId = await askWith(rig, [sound('Never, never, never.')], { name: 'hopeless', terms });
    await eventually(async () => {
      const freed = (await soundsOf(setId)).filter(({ name }) => name === 'SoundFreed');
      return freed.length > 2;
    });
    expect(await outcomesOf(rig, setId)).toEqual([]);
    moveOn(HOUR_MS);
    const [failed] = await settled(rig, setId, 1);
    expect(failed?.data).toMatchObject({
      code: 'deadline',
      message: expect.stringMatching(/its last try: \w/),
    });
    expect(failed?.data).toHaveProperty(
      'tries',
      expect.toSatisfy((tries: number) => tries > 2),
    );
  });
});

test('a deadline that passes while its set is paused fails items waiting for a retry once the set is resumed', async () => {
  const { rig: here, moveOn } = withClock(rig);
  await using _ = dispatcherHere(here);
  const [known] = phrases(1, 'Known before');
  if (!known) throw new Error('a phrase was made');
  await settled(rig, await ask(rig, [known], 'known'), 1);
  await setFaults(rig, { serverError: 1 });
  const terms = { deadline: new Date(rig.log.clock.now() + HOUR_MS).toISOString() };
  const setId = await askWith(rig, phrases(20, 'Hold the line'), { name: 'paused', terms });
  await eventually(async () => {
    const freed = (await soundsOf(setId)).filter(({ name }) => name === 'SoundFreed');
    expect(new Set(freed.map(({ data }) => data.hash)).size).toBe(20);
  });
  await say(rig, setId, 'SetPaused');
  // Dispatchers follow the lives of sets in order: one that settles this has heard of the pause.
  await settled(rig, await ask(rig, [known], 'known-again'), 1);
  moveOn(HOUR_MS);
  // Meanwhile the waits of those that have been tried only once or twice end.
  const late = rig.log.clock.now();
  await eventually(() => rig.log.clock.now() > late + 2_000);
  expect(await outcomesOf(rig, setId)).toEqual([]);
  await say(rig, setId, 'SetResumed');
  for (const { data } of await settled(rig, setId, 20)) expect(data).toMatchObject({ code: 'deadline' });
});

describe('a request that can’t be read', () => {
  test('ends as a failed item with the reason, and the others complete', async () => {
    await using _ = dispatcherHere(rig);
    const setId = await ask(rig, phrases(3, 'Legible'), 'poison');
    const whole = newEvent('ItemRequested', request(sound('x'), 7, 'poison'), {
      source: 'ingest',
      now: new Date(),
      setId,
    }) as SetlistEvent;
    const broken = {
      specversion: '1.0',
      id: whole.id,
      type: 'setlist.item.requested.v9',
      subject: `${setId}/7`,
      data: { index: 7, attempt: 1, file: 'poison/x.mp3' },
    };
    const subject = subjects.requested(setId, 'standard');
    await publishRaw(rig.nats.url, subject, JSON.stringify(broken), 'not even JSON');
    const outcomes = await settled(rig, setId, 4);
    const failed = outcomes.filter(({ name }) => name === 'ItemFailed');
    expect(failed.map(({ data }) => data)).toEqual([
      expect.objectContaining({
        index: 7,
        attempt: 1,
        file: 'poison/x.mp3',
        code: 'unreadable-request',
        message: expect.stringMatching(/event \d+ of the log/),
        remedy: expect.stringMatching(/\w/),
      }),
    ]);
    expect(await outcomesOf(rig, setId)).toHaveLength(4);
  });
});
