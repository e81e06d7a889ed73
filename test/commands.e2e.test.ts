/** Sets are steered under load: what is commanded holds on every dispatcher, and nothing is lost by it. */
import {
  type Command,
  type CommandAnswer,
  commandAnswer,
  commandSubject,
  type EventName,
  type EventOf,
  type SetlistEvent,
  type SetSummary,
  setKey,
  subjects,
} from '@setlist/contracts';
import { eventually, onceStill, setFaults } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { System, setFile } from './system.ts';

const DISPATCHERS = 2;
const AT_ONCE = 4;
const LATENCY_MS = [20, 40] as const;
/** While a set is told to stop: it has more to do then, however slow the machine, and few calls fit into a moment. */
const SLOW_MS = 200;
/** After so long without a call, many times a call's length, none is under way. */
const STILL = { stillMs: 1_000 };
/** Within this time each dispatcher has heard of a command. */
const A_MOMENT_MS = 500;
/** Calls that one dispatcher can begin in that time, of {@link SLOW_MS} each, if some are about to end as it begins. */
const CALLS_IN_A_MOMENT = AT_ONCE * Math.ceil(A_MOMENT_MS / SLOW_MS);

let system: System;
beforeAll(async () => {
  system = await System.start({
    engine: { ENGINE: 'instant', FAULT_LATENCY_MS: LATENCY_MS.join('-') },
    // Dispatchers learn of commands by events alone.
    services: { CONCURRENCY: String(AT_ONCE), RETRY_FOR: '1s', COMPARE_EVERY: '1h' },
    dispatchers: DISPATCHERS,
  });
});
afterAll(() => system[Symbol.asyncDispose]());

type Wish = { [V in Command['verb']]: Omit<Extract<Command, { verb: V }>, 'setId' | 'who'> }[Command['verb']];

async function tell(setId: string, wish: Wish): Promise<Extract<CommandAnswer, { ok: true }>> {
  const command = { ...wish, setId, who: 'e2e' };
  const answer = commandAnswer.parse(await system.log.ask(commandSubject(wish.verb), command, 20_000));
  if (!answer.ok) throw new Error(`${wish.verb}: ${answer.message} ${answer.remedy}`);
  return answer;
}

/** Drops a set and waits until it is accepted. */
async function accepted(name: string, items: number): Promise<string> {
  await system.drop(`${name}.yml`, setFile(name, items));
  return eventually(async () => {
    const lives = await system.events(subjects.state('*'));
    return lives.find(({ setId }) => setId?.startsWith(`${name}-`))?.setId ?? null;
  });
}

const isOutcome = (event: SetlistEvent): event is EventOf<'ItemCompleted'> | EventOf<'ItemFailed'> =>
  event.name === 'ItemCompleted' || event.name === 'ItemFailed';

const outcomesOf = async (setId: string) =>
  (await system.events(subjects.outcome(setId, '*', '*', '*'))).filter(isOutcome);

/** Whoever reads the log again and again leaves the system under test less of the machine. */
const SELDOM = { everyMs: 100 };

const underWay = (setId: string, least: number) =>
  eventually(async () => expect((await outcomesOf(setId)).length).toBeGreaterThanOrEqual(least), SELDOM);

async function said<N extends EventName>(setId: string, name: N): Promise<EventOf<N>[]> {
  const life = await system.events(subjects.state(setId));
  return life.filter((event) => event.name === name) as EventOf<N>[];
}

const round = (setId: string, number: number) =>
  eventually(async () => {
    const rounds = await said(setId, 'SetCompleted');
    return rounds.find(({ data }) => data.round === number) ?? null;
  }, SELDOM);

/** For which sets each dispatcher made its claims after an event. */
async function claimsSince(seq: number): Promise<string[][]> {
  const claims = new Map<string, string[]>();
  for await (const { event } of system.log.read({ subjects: [subjects.sound('*')], from: seq })) {
    if (event?.name !== 'SoundClaimed') continue;
    const { by, for: item } = event.data;
    claims.set(by, [...(claims.get(by) ?? []), item.set]);
  }
  return [...claims.values()];
}

/** After the event by which sets stop, no dispatcher claims more than it can call for in a moment. */
async function expectHeardAtOnce(seq: number): Promise<void> {
  const claims = (await claimsSince(seq)).map(({ length }) => length);
  expect(Math.max(0, ...claims), 'claims of a dispatcher after the command').toBeLessThanOrEqual(
    CALLS_IN_A_MOMENT,
  );
}

/** Every dispatcher claims something of the set after the event by which it goes on. */
const goesOnEverywhere = (setId: string, seq: number) =>
  eventually(async () => {
    const claims = await claimsSince(seq);
    expect(claims.filter((each) => each.includes(setId))).toHaveLength(DISPATCHERS);
  }, SELDOM);

const shareOf = (setId: string, among: readonly string[]): number =>
  among.filter((each) => each === setId).length / among.length;

async function callsSoFar(): Promise<number> {
  const { calls } = await system.engineStats();
  return Object.values(calls).reduce((sum, { ok }) => sum + ok, 0);
}

test('a paused set begins nothing further on any dispatcher, and a resumed one goes on to its end', async () => {
  const ITEMS = 600;
  await setFaults(system, { latencyMs: [SLOW_MS, SLOW_MS] });
  const setId = await accepted('paused', ITEMS);
  await underWay(setId, 50);
  const paused = await tell(setId, { verb: 'pause', why: 'to see that it stands still' });
  await onceStill(callsSoFar, STILL);
  // What was under way has ended, however slow the machine: each call has its outcome.
  const stood = await eventually(async () => {
    const calls = await callsSoFar();
    const outcomes = await outcomesOf(setId);
    expect(outcomes.filter(({ name }) => name === 'ItemFailed')).toEqual([]);
    expect(outcomes.length).toBe(calls);
    return calls;
  });
  await expectHeardAtOnce(paused.seq);
  await setFaults(system, { latencyMs: LATENCY_MS });
  expect(stood, 'the set had more to do').toBeLessThan(ITEMS);
  expect(await tell(setId, { verb: 'pause' })).toEqual({ ...paused, already: true });

  const { seq } = await tell(setId, { verb: 'resume' });
  await goesOnEverywhere(setId, seq);
  const { data } = await round(setId, 1);
  expect(data.failures, 'why items failed').toEqual([]);
  expect(data.counts).toMatchObject({ total: ITEMS, completed: ITEMS, failed: 0, paid: ITEMS });
  expect(await callsSoFar()).toBe(ITEMS);
});

test('priority changes the shares of sets under way, and low is slowed but not starved', async () => {
  const ITEMS = 3_000;
  const [first, second] = await Promise.all([accepted('first', ITEMS), accepted('second', ITEMS)]);
  await underWay(first, 30);
  await underWay(second, 30);
  const high = await tell(first, { verb: 'prioritize', priority: 'high' });
  const low = await tell(second, { verb: 'prioritize', priority: 'low' });
  const since = Math.max(high.seq, low.seq);
  // Four turns for one: 80 and 20 per cent, as soon as a dispatcher has heard of both.
  const ROW = 60;
  const inForce = (claims: readonly string[]): boolean =>
    claims.some((_, at) => at + ROW <= claims.length && shareOf(first, claims.slice(at, at + ROW)) > 0.7);
  await eventually(async () => {
    expect((await claimsSince(since)).filter(inForce)).toHaveLength(DISPATCHERS);
  }, SELDOM);
  const SAMPLE = 300;
  const from = await system.log.head();
  const sample = await eventually(async () => {
    const found: string[] = [];
    const selection = { subjects: [subjects.outcome('*', '*', '*', '*')], from };
    for await (const { event } of system.log.read(selection)) if (event?.setId) found.push(event.setId);
    return found.length >= SAMPLE && found.slice(0, SAMPLE);
  }, SELDOM);
  expect(shareOf(first, sample)).toBeGreaterThan(0.7);
  expect(shareOf(second, sample)).toBeGreaterThan(0.1);

  await setFaults(system, { latencyMs: [SLOW_MS, SLOW_MS] });
  const cancel = { verb: 'cancel', why: 'seen enough' } as const;
  const cancelled = await Promise.all([first, second].map((setId) => tell(setId, cancel)));
  await onceStill(callsSoFar, STILL);
  await expectHeardAtOnce(Math.max(...cancelled.map(({ seq }) => seq)));
  for (const setId of [first, second]) {
    const outcomes = await outcomesOf(setId);
    expect(outcomes.length).toBeLessThan(ITEMS);
    expect(
      outcomes.every(({ name }) => name === 'ItemCompleted'),
      'what was in flight is kept',
    ).toBe(true);
    expect(await said(setId, 'SetCancelled')).toHaveLength(1);
    expect(await said(setId, 'SetCompleted')).toEqual([]);
    const { sets } = system.log;
    const projected = await eventually(async () => {
      const entry = await sets.get<SetSummary>(setKey(setId));
      return entry?.value.counts.completed === outcomes.length && entry.value;
    });
    expect(projected.state).toBe('cancelled');
  }
});

test('a retry asks for what failed alone, and completes as the second round', async () => {
  const GOOD = 10;
  const ITEMS = 60;
  // So slow that the fault comes while most of the set is still to be called for: enough for every dispatcher, also when
  // the set is retried.
  await setFaults(system, { latencyMs: [1_500, 1_500] });
  const setId = await accepted('retried', ITEMS);
  await underWay(setId, GOOD);
  await setFaults(system, { latencyMs: LATENCY_MS, serverError: 1 });
  const failed = (await round(setId, 1)).data.counts.failed;
  expect(failed).toBeGreaterThan(2 * DISPATCHERS * AT_ONCE);
  expect(failed).toBeLessThanOrEqual(ITEMS - GOOD);

  await setFaults(system, { latencyMs: [400, 400] });
  const paidBefore = await callsSoFar();
  const retried = await tell(setId, { verb: 'retry' });
  expect(retried).toMatchObject({ did: 'SetRetried', items: failed });
  await goesOnEverywhere(setId, retried.seq);
  const second = await round(setId, 2);
  expect(second.data.counts).toMatchObject({ total: ITEMS, completed: ITEMS, failed: 0 });
  expect(await callsSoFar()).toBe(paidBefore + failed);
  const outcomes = await outcomesOf(setId);
  expect(outcomes.filter(({ data }) => data.attempt === 2)).toHaveLength(failed);
  expect(outcomes).toHaveLength(ITEMS + failed);

  const ofSet = await system.events(subjects.ofSet(setId));
  expect(new Set(ofSet.map(({ correlationId }) => correlationId))).toEqual(new Set([setId]));
  const asked = new Set(ofSet.flatMap(({ name, id }) => (name === 'ItemRequested' ? [id] : [])));
  const all = await system.events(subjects.sound('*'));
  const causes = all.flatMap(({ correlationId, causationId }) =>
    correlationId === setId ? [causationId ?? 'none'] : [],
  );
  expect(causes.length).toBeGreaterThanOrEqual(2 * ITEMS);
  expect(causes.filter((cause) => !asked.has(cause))).toEqual([]);
});
