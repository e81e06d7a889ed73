/** One quota for all dispatchers: kept in the broker, shared by replicas, and lowered when it proves too high. */
import { type EventData, quotaKey, subjects } from '@setlist/contracts';
import { type EngineCalls, eventually, setFaults } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { HeldClaim } from '../../src/ledger/held-claim.ts';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { callsOf, outcomesOf, payments, settled, soundEvents } from '../world/probes.ts';
import {
  dispatcherHere,
  dispatcherProcess,
  freshQuotas,
  type Rig,
  startRig,
  withClock,
} from '../world/rig.ts';
import { ask, askWith, phrases, say, sound } from '../world/sets.ts';

const STANDARD = { rps: 40, burst: 10, concurrency: 8 };
const STANDARD_ENTRY = `standard.synthesize=${STANDARD.rps}/${STANDARD.burst}/${STANDARD.concurrency}`;
/**
 * The engine's quotas: for neural a quarter of what the dispatchers believe. The larger burst for standard is for calls
 * that a busy machine lets through too close together.
 */
const ENFORCED = `standard.synthesize=${STANDARD.rps}/30/${STANDARD.concurrency},neural.synthesize=10/10,poll=100/100`;
const NEURAL_BELIEVED_RPS = 40;
const QUOTAS = `${STANDARD_ENTRY},neural.synthesize=${NEURAL_BELIEVED_RPS}/40`;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant', FAULT_LATENCY_MS: '50-150', QUOTAS: ENFORCED });
});
afterEach(() => freshQuotas(rig));
afterAll(() => rig[Symbol.asyncDispose]());

const env = { QUOTAS, CALL_TIMEOUT: '1s', ACK_WAIT: '2s' };

const HOUR_MS = 3_600_000;

const LONG_FORM = { engine: 'long-form', voice: 'Danielle' } as const;

/** The sound events of a set, all or those of one name. */
const soundsOf = async (setId: string, name?: string) =>
  (await soundEvents(rig)).filter(
    (event) => event.correlationId === setId && (name === undefined || event.name === name),
  );

/** One call at once, and none for the next twenty seconds. */
const slowly = (engine: string): string => `${engine}.synthesize=0.05/1`;

/** Waits until the second of two sounds is claimed; with a burst of one call, it then waits for its moment. */
const secondIsClaimed = (setId: string) =>
  eventually(async () => {
    const claims = (await soundsOf(setId, 'SoundClaimed')).map(({ data }) => data);
    const second = claims.find(({ hash }) => hash !== claims[0]?.hash);
    if (!second) throw new Error('the second sound is not claimed yet');
    return second as EventData<'SoundClaimed'>;
  });

const throttledShare = (calls: Pick<EngineCalls, 'ok' | 'throttled'>): number =>
  calls.throttled / Math.max(1, calls.ok + calls.throttled);

test('two dispatchers stay within one quota, and the crash of one does not stop the other', async () => {
  // A call that times out leaves its place before the engine has noticed.
  const patient = { ...env, CALL_TIMEOUT: '5s' };
  await using _one = await dispatcherProcess(rig, patient);
  await using two = await dispatcherProcess(rig, patient);
  const setId = await ask(rig, phrases(280, 'Within the quota'), 'quota');

  await settled(rig, setId, 160);
  const together = await callsOf(rig);
  expect(throttledShare(together)).toBeLessThanOrEqual(0.01);
  expect(together.peakInFlight).toBeLessThanOrEqual(STANDARD.concurrency);

  await two.kill9();
  const before = (await outcomesOf(rig, setId)).length;
  await settled(rig, setId, before + 30);
  const outcomes = await settled(rig, setId, 280);
  expect(new Set(outcomes.map(({ data }) => data.index)).size).toBe(280);
  expect(outcomes.filter(({ name }) => name === 'ItemFailed')).toEqual([]);
});

test('a stop before the call gives the sound back at once, and bills nothing', async () => {
  const slow = { QUOTAS: slowly('generative') };
  const dispatcher = dispatcherHere(rig, slow);
  const setId = await ask(rig, phrases(2, 'Stopped before', { engine: 'generative' }), 'stopped');
  await secondIsClaimed(setId);
  await settled(rig, setId, 1);
  await dispatcher[Symbol.asyncDispose]();
  expect(await soundsOf(setId, 'SoundFreed')).toMatchObject([
    { data: { reason: { code: 'not-called' }, billed: false } },
  ]);

  await freshQuotas(rig);
  await using _next = dispatcherHere(rig, slow);
  await settled(rig, setId, 2);
  expect((await soundsOf(setId)).filter(({ data }) => 'repaid' in data)).toEqual([]);
  expect(await callsOf(rig, 'SynthesizeSpeech/generative')).toMatchObject({ ok: 2 });
});

test('a set that is paused while a call waits for its moment pays nothing more', async () => {
  await using _ = dispatcherHere(rig, { QUOTAS: slowly('long-form') });
  const setId = await ask(rig, phrases(2, 'Paused before', LONG_FORM), 'paused');
  await secondIsClaimed(setId);
  await settled(rig, setId, 1);
  await say(rig, setId, 'SetPaused');
  // Dispatchers follow the lives of sets in order: one that settles this has heard of the pause.
  await settled(rig, await ask(rig, phrases(1, 'Asked for later'), 'later'), 1);
  await freshQuotas(rig);
  await eventually(async () => (await soundsOf(setId, 'SoundFreed')).length === 1);
  expect(await callsOf(rig, 'SynthesizeSpeech/long-form')).toMatchObject({ ok: 1 });
  await freshQuotas(rig);
  await say(rig, setId, 'SetResumed');
  await settled(rig, setId, 2);
  expect(await callsOf(rig, 'SynthesizeSpeech/long-form')).toMatchObject({ ok: 2 });
});

test('a set whose deadline passes while a call waits for its moment pays nothing more', async () => {
  const { rig: here, moveOn } = withClock(rig);
  await using _ = dispatcherHere(here, { QUOTAS: slowly('long-form') });
  const deadline = new Date(rig.log.clock.now() + HOUR_MS).toISOString();
  const late = { name: 'late', terms: { deadline } };
  const setId = await askWith(rig, phrases(2, 'Late', LONG_FORM), late);
  await secondIsClaimed(setId);
  await settled(rig, setId, 1);
  moveOn(HOUR_MS);
  const outcomes = await settled(rig, setId, 2);
  expect(outcomes.map(({ name }) => name)).toEqual(['ItemCompleted', 'ItemFailed']);
  expect(outcomes[1]?.data).toMatchObject({ code: 'deadline' });
});

test('a claim that is taken over while its call waits for its moment leads to no call', async () => {
  const other = new SoundLedger(rig.log, 'another', AbortSignal.timeout(60_000));
  const claimed = new Set<string>();
  const taken = Promise.withResolvers<HeldClaim | undefined>();
  // Just before the waiting claim is renewed, another dispatcher claims, as if it found the claim expired.
  const append: Rig['log']['append'] = async (event, expected) => {
    if (event.name !== 'SoundClaimed') return rig.log.append(event, expected);
    const { hash, claim, for: item } = event.data;
    claimed.add(hash);
    if (claim !== 2 || hash !== [...claimed][1]) return rig.log.append(event, expected);
    const last = await rig.log.last(subjects.sound(hash));
    const right = { expectedSeq: last?.seq ?? 0, ordinal: 2, expired: 1, because: 'expired' } as const;
    const terms = { for: item, operation: 'synthesize', lane: 'standard', holdMs: 3_000 } as const;
    taken.resolve(await other.claim(hash, right, terms));
    return rig.log.append(event, expected);
  };
  const { ok } = await callsOf(rig, 'SynthesizeSpeech/long-form');
  // The calls that are made must not time out, however busy the machine.
  const slow = { ...env, QUOTAS: slowly('long-form'), CALL_TIMEOUT: '5s' };
  await using _ = dispatcherHere({ ...rig, log: { ...rig.log, append } }, slow);
  const setId = await ask(rig, phrases(2, 'Taken over', LONG_FORM), 'taken');
  const { hash } = await secondIsClaimed(setId);
  expect((await taken.promise)?.hash).toBe(hash);
  await freshQuotas(rig);
  await eventually(async () => {
    const claims = (await soundsOf(setId, 'SoundClaimed')).filter(({ data }) => data.hash === hash);
    return claims.length > 2;
  });
  await freshQuotas(rig);
  await settled(rig, setId, 2);
  expect((await payments(rig)).get(hash)?.claim).toBeGreaterThan(2);
  expect((await callsOf(rig, 'SynthesizeSpeech/long-form')).ok - ok).toBe(2);
});

test('waiting for the quota does not count towards the time that an item is retried for', async () => {
  await setFaults(rig, { serverError: 1 });
  const slow = { ...env, QUOTAS: 'generative.synthesize=0.25/1', RETRY_FOR: '3s' };
  await using _ = dispatcherHere(rig, slow);
  const setId = await ask(rig, phrases(2, 'Waits longer', { engine: 'generative' }), 'waits');
  // One of the two has to wait for at least four seconds before its first call.
  await eventually(async () => {
    const freed = await soundsOf(setId, 'SoundFreed');
    return new Set(freed.map(({ data }) => data.hash)).size === 2;
  });
  await setFaults(rig, { latencyMs: [50, 150] });
  await freshQuotas(rig);
  const outcomes = await settled(rig, setId, 2);
  expect(outcomes.map(({ name }) => name)).toEqual(['ItemCompleted', 'ItemCompleted']);
});

test('throttled calls lower the shared rate, and quiet time raises it again', async () => {
  await using _ = dispatcherHere(rig, env);
  const rate = async (): Promise<number> => {
    const stored = await rig.log.coordination.get<{ rps: number }>(quotaKey('local', 'neural', 'synthesize'));
    return stored?.value.rps ?? Number.POSITIVE_INFINITY;
  };
  const setId = await ask(rig, phrases(110, 'Too fast', { engine: 'neural' }), 'too-fast');
  await eventually(async () => (await rate()) < NEURAL_BELIEVED_RPS / 2);
  const first = await callsOf(rig, 'SynthesizeSpeech/neural');
  await settled(rig, setId, 110);
  const all = await callsOf(rig, 'SynthesizeSpeech/neural');
  const later = { ok: all.ok - first.ok, throttled: all.throttled - first.throttled };
  expect(first.throttled).toBeGreaterThan(0);
  expect(throttledShare(later)).toBeLessThan(throttledShare(first) / 2);

  const lowered = await rate();
  let asked = 0;
  await eventually(
    async () => {
      const [phrase] = phrases(1, `After a rest ${++asked}`, { engine: 'neural' });
      if (phrase) await settled(rig, await ask(rig, [phrase], 'rested'), 1);
      return (await rate()) > lowered;
    },
    { everyMs: 300 },
  );
});

test('look-ups keep to the rates that QUOTAS names for them, and to none where it is off', async () => {
  const ratesWith = async (QUOTAS: string): Promise<unknown[]> => {
    await freshQuotas(rig);
    await using _ = dispatcherHere(rig, { QUOTAS });
    const long = sound(`It was written while the quotas were ${QUOTAS}. `.repeat(80));
    const named = sound('W3C.', { lexicons: [{ name: 'missing', sha256: '0'.repeat(64) }] });
    await settled(rig, await ask(rig, [long, named], 'look-ups'), 2);
    const keys = ['poll', 'lexicons'].map((what) => quotaKey('local', 'all', what));
    const kept = keys.map((key) => rig.log.coordination.get<{ rps: number }>(key));
    return (await Promise.all(kept)).map((state) => state?.value.rps);
  };
  expect(await ratesWith('poll=20/20,lexicons=30/30')).toEqual([20, 30]);
  expect(await ratesWith('polly')).toEqual([10, 5]);
  expect(await ratesWith('off')).toEqual([undefined, undefined]);
  expect(await ratesWith('auto')).toEqual([undefined, undefined]);
});

test('a set of five items behind one of a thousand ends while the large one has hundreds to go', async () => {
  await using _ = dispatcherHere(rig, env);
  const large = await ask(rig, phrases(1_000, 'One of very many'), 'large');
  await settled(rig, large, 20);
  const small = await ask(rig, phrases(5, 'One of few'), 'small');
  const ended = (await settled(rig, small, 5)).at(-1)?.seq ?? 0;
  const before = (await outcomesOf(rig, large)).filter(({ seq }) => seq < ended);
  expect(before.length).toBeLessThan(300);
});
