/** Lanes are created and removed with their sets, and created again for a retry. */
import { newEvent, type SetlistEvent } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { eventually, onceStill, setFaults } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { callsOf, outcomesOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, dispatcherProcess, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases, request, say, sound } from '../world/sets.ts';
import { openWay } from '../world/way.ts';

const CALL = 'POST /v1/speech';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterEach(() => setFaults(rig, {}));
afterAll(() => rig[Symbol.asyncDispose]());

const noCounts = { total: 1, completed: 0, failed: 1, paid: 0, reused: 0, recovered: 0 };
const lanesOf = async (setId: string): Promise<number> =>
  (await rig.log.existingLanes()).filter((lane) => lane.setId === setId).length;
const unfinishedOf = async (setId: string): Promise<number> =>
  (await rig.log.existingLanes())
    .filter((lane) => lane.setId === setId)
    .reduce((sum, { unfinished }) => sum + unfinished, 0);

const refusedCalls = async (): Promise<number> => (await callsOf(rig)).refused;

test('the lag of a lane that has work is exported, and 0 once its set has ended', async () => {
  await setFaults(rig, { latencyMs: [500, 500] });
  await using dispatcher = await dispatcherProcess(rig, {
    CONCURRENCY: '1',
    OTEL_METRICS_EXPORTER: 'prometheus',
  });
  const { healthUrl } = JSON.parse(await dispatcher.waitForLine(/"event":"ready"/));
  const lag = async (): Promise<string | undefined> => {
    const text = await (await fetch(`${healthUrl}/metrics`)).text();
    return /^setlist_lane_lag\{setlist_lane="standard"\} (\d+)$/m.exec(text)?.[1];
  };
  const setId = await ask(rig, phrases(20, 'Never finished'), 'measured');
  await eventually(async () => Number(await lag()) > 0);
  await say(rig, setId, 'SetCancelled', { counts: noCounts });
  await eventually(async () => (await lanesOf(setId)) === 0);
  expect(await lag()).toBe('0');
});

test('a retry runs only what is requested again, nothing that has its outcome', async () => {
  await using _one = dispatcherHere(rig);
  await using _two = dispatcherHere(rig);
  const bad = sound('<speak>Open <b>wide</b></speak>', { textType: 'ssml' });
  const setId = await ask(rig, [bad], 'retried');
  await settled(rig, setId, 1);
  await say(rig, setId, 'SetCancelled', { counts: noCounts });
  await eventually(async () => (await lanesOf(setId)) === 0);

  await say(rig, setId, 'SetRetried', { round: 2, items: 1 });
  const again = newEvent(
    'ItemRequested',
    { ...request(bad, 0, 'retried'), attempt: 2 },
    { source: 'tracker', now: new Date(), setId },
  );
  await rig.log.appendAll([again as SetlistEvent]);
  const outcomes = await settled(rig, setId, 2);
  expect(outcomes.map(({ data }) => data.attempt)).toEqual([1, 2]);
  expect(await refusedCalls()).toBe(2);
  expect(await lanesOf(setId)).toBe(1);
});

test('a set that one dispatcher could hold whole is shared with one that opens it later', async () => {
  const AT_ONCE = 2;
  const ITEMS = 40;
  await setFaults(rig, { latencyMs: [500, 500] });
  await using way = await openWay(rig.engineUrl);
  way.next(CALL, 'held', 'held');
  const env = { CONCURRENCY: String(AT_ONCE), POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '60s' };
  await using _one = dispatcherHere(rig, env);
  const setId = await ask(rig, phrases(ITEMS, 'Enough for two'), 'shared');
  const claimsByReplica = async () => {
    const claimants = (await soundEvents(rig)).flatMap((event) =>
      event.name === 'SoundClaimed' && event.data.for.set === setId ? event.data.by : [],
    );
    return Object.values(Object.groupBy(claimants, (by) => by));
  };
  await eventually(() => way.seen(CALL) === AT_ONCE);
  await using _two = dispatcherHere(rig, env);
  await eventually(async () => (await claimsByReplica()).length === 2);
  way.release();
  await settled(rig, setId, ITEMS);
  const shares = await claimsByReplica();
  for (const share of shares) expect(share?.length).toBeGreaterThan(ITEMS / 4);
});

test('a dead dispatcher’s lane is removed, and a missing one is created without paying again', async () => {
  const setId = await ask(rig, phrases(1, 'Left behind'), 'swept');
  await say(rig, setId, 'SetCancelled', { counts: noCounts });
  await rig.log.openLane({ setId, lane: 'standard' }, { fromSeq: 1, ackWaitMs: 1_000, maxUnfinished: 10 });
  await using _ = dispatcherHere(rig, { COMPARE_EVERY: '100ms' });
  await eventually(async () => (await lanesOf(setId)) === 0);

  const refused = sound('<speak>Still <b>there</b></speak>', { textType: 'ssml' });
  const open = await ask(rig, [...phrases(1, 'Still here'), refused], 'remade');
  const before = await settled(rig, open, 2);
  const calls = await refusedCalls();
  await rig.log.closeLane({ setId: open, lane: 'standard' });
  await eventually(async () => (await lanesOf(open)) === 1);
  await eventually(async () => (await unfinishedOf(open)) === 0);
  expect(await refusedCalls()).toBe(calls);
  expect(await outcomesOf(rig, open)).toEqual(before);
});

test('a set of a provider that no dispatcher serves is left alone', async () => {
  const forPolly = await ask(rig, [sound('Not for the local engine.', { provider: 'polly' })], 'for-polly');
  await using _ = dispatcherHere(rig);
  await settled(rig, await ask(rig, phrases(5, 'For the local engine'), 'for-local'), 5);
  expect(await outcomesOf(rig, forPolly)).toEqual([]);
  expect(await lanesOf(forPolly)).toBe(0);
});

/** The log of a lagging replica, which has no events of the named set's life for the first `readings` reads. */
function laggingLog(name: string, readings: number) {
  const isOfSet = (subject: string): boolean => subject.includes(`.${name}-`) && subject.endsWith('.state');
  let read = 0;
  return {
    readings: () => read,
    log: {
      ...rig.log,
      async *read(...[selection]: Parameters<typeof rig.log.read>) {
        if (selection.subjects?.some(isOfSet) && read++ < readings) return;
        yield* rig.log.read(selection);
      },
    },
  };
}

test('a set is opened once a lagging replica of the log has it', async () => {
  const { log, readings } = laggingLog('lagging', 3);
  await using _ = dispatcherHere({ ...rig, log });
  await settled(rig, await ask(rig, phrases(1, 'Late news'), 'lagging'), 1);
  expect(readings()).toBe(4);
});

test('a cancelled set stops while another waits for a lagging replica of the log', async () => {
  await setFaults(rig, { latencyMs: [200, 200] });
  const { log, readings } = laggingLog('behind', Number.POSITIVE_INFINITY);
  await using _ = dispatcherHere({ ...rig, log }, { CONCURRENCY: '1' });
  const setId = await ask(rig, phrases(60, 'Not to its end'), 'cut-short');
  await settled(rig, setId, 1);
  await ask(rig, phrases(1, 'Not yet'), 'behind');
  await eventually(() => readings() > 0);
  await say(rig, setId, 'SetCancelled', { counts: noCounts });
  expect(await onceStill(async () => (await outcomesOf(rig, setId)).length)).toBeLessThan(60);
});

test('a pause that comes while its set is being opened takes effect once it is open', async () => {
  const { promise: mayOpen, resolve: open } = Promise.withResolvers<void>();
  let [isOpening, isPaused] = [false, false];
  const log: Rig['log'] = {
    ...rig.log,
    async openLane(at, options) {
      if (at.setId.startsWith('halfway-')) {
        isOpening = true;
        await mayOpen;
      }
      await rig.log.openLane(at, options);
    },
    async *follow(...of) {
      for await (const record of rig.log.follow(...of)) {
        isPaused ||= record.event?.name === 'SetPaused';
        yield record;
      }
    },
  };
  await using _ = dispatcherHere({ ...rig, log });
  const setId = await ask(rig, phrases(1, 'Halfway through the door'), 'halfway');
  await eventually(() => isOpening);
  await say(rig, setId, 'SetPaused');
  await eventually(() => isPaused);
  open();
  await settled(rig, await ask(rig, phrases(1, 'After you'), 'after-you'), 1);
  expect(await outcomesOf(rig, setId)).toEqual([]);
  await say(rig, setId, 'SetResumed');
  await settled(rig, setId, 1);
});

test('a lane is not removed because a lagging replica of the log doesn’t have its set', async () => {
  const setId = await ask(rig, [sound('Kept open.', { provider: 'polly' })], 'kept');
  await rig.log.openLane({ setId, lane: 'standard' }, { fromSeq: 1, ackWaitMs: 1_000, maxUnfinished: 10 });
  const { log, readings } = laggingLog('kept', Number.POSITIVE_INFINITY);
  await using _ = dispatcherHere({ ...rig, log }, { COMPARE_EVERY: '100ms' });
  await eventually(() => readings() > 2);
  expect(await lanesOf(setId)).toBe(1);
});

test('a dispatcher ends with the reason when its connection is closed for good', async () => {
  const log = await openEventLog({ servers: rig.nats.url, name: 'closed' });
  const dispatcher = dispatcherHere({ ...rig, log });
  const ended = expect(dispatcher.done).rejects.toThrow('could not be followed any further');
  await log[Symbol.asyncDispose]();
  await ended;
});
