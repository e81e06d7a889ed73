/** The ledger on a real broker: renewed claims, crossing payments, and waiting for another's payment. */
import type { EventLog } from '@setlist/eventlog';
import { decideSound, noteCollected } from '@setlist/sounds';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { ClaimLease } from '../../src/ledger/claim-lease.ts';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { claimsOn, item, newHash, payment, type TwoLedgers, twoLedgers } from '../world/claims.ts';
import { soundEvents } from '../world/probes.ts';

let ledgers: TwoLedgers;
let log: EventLog;
let one: SoundLedger;
let two: SoundLedger;
beforeAll(async () => {
  ledgers = await twoLedgers();
  ({ log, one, two } = ledgers);
});
afterAll(() => ledgers[Symbol.asyncDispose]());

const { rightTo, claimed } = claimsOn(() => log);
const never = new AbortController().signal;

test('a claim is checked again before a call: it is renewed if it would expire too soon, and a lost one is noticed', async () => {
  const onFailed = (error: unknown): never => {
    throw error;
  };
  const hash = newHash();
  const claim = await claimed(one, hash, { holdMs: 1_000 });
  const lease = new ClaimLease(one, claim, { holdMs: 60_000, onFailed });
  expect(await lease.holds(10, false)).toBe(true);
  expect(await lease.holds(30_000, false)).toBe(true);
  const renewed = await one.readAnew(hash);
  expect(renewed).toMatchObject({ kind: 'claimed', claim: { ordinal: 2 } });

  // Another dispatcher takes it over, believing the holder dead: only the log shows that.
  const right = { expectedSeq: renewed.seq, ordinal: 3, expired: 1, because: 'expired' } as const;
  await two.claim(hash, right, { for: item(0), operation: 'synthesize', lane: 'standard', holdMs: 60_000 });
  expect(await lease.holds(10, true)).toBe(false);
  expect(await lease.holds(10, false)).toBe(false);
  await lease.end();
});

test('a claim does not expire while its holder lives, however long the work takes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const hash = newHash();
  const holdMs = 2_000;
  const onFailed = (error: unknown): never => {
    throw error;
  };
  let now = log.clock.now();
  const clock = { measure: () => log.clock.measure(), now: () => now };
  const holder = new SoundLedger({ ...log, clock }, 'dispatcher-one', never);
  const lease = new ClaimLease(holder, await claimed(holder, hash, { holdMs }), { holdMs, onFailed });
  for (let renewals = 1; renewals <= 6; renewals++) {
    now += holdMs / 2;
    vi.advanceTimersByTime(holdMs / 2);
    expect(decideSound(await two.readAnew(hash), now).kind).toBe('wait');
    const renewed = { claim: { ordinal: 1 + renewals } };
    await eventually(async () => expect(await two.readAnew(hash)).toMatchObject(renewed));
  }
  const claim = await lease.end();
  await expect(holder.paid(claim, payment(claim, holder.replica))).resolves.not.toHaveProperty('repaid');
});

test('a claim that is handed over can be taken at once, and its task is found', async () => {
  const hash = newHash();
  const terms = {
    for: item(0),
    operation: 'task',
    lane: 'standard',
    holdMs: 60_000,
    keyPrefix: `t/${hash}`,
  } as const;
  const claim = await one.claim(hash, await rightTo(one, hash), terms);
  const onFailed = (error: unknown): never => {
    throw error;
  };
  const lease = claim && new ClaimLease(one, claim, { holdMs: 60_000, onFailed });
  await lease?.taskStarted({ taskId: 'the-task', keyPrefix: `t/${hash}` });
  await lease?.handOver();
  const claims = (await soundEvents({ log }, hash)).filter(({ name }) => name === 'SoundClaimed');
  const made = { operation: 'task', lane: 'standard' };
  expect(claims.map(({ data }) => data)).toMatchObject([made, { ...made, lost: { taskId: 'the-task' } }]);
  await eventually(async () => {
    const right = await rightTo(two, hash);
    expect(right).toMatchObject({ because: 'expired', expired: 0, lost: { taskId: 'the-task' } });
  });
});

test('two crossing payments are both in the log, the later one marked as repaid', async () => {
  const hash = newHash();
  const slow = await claimed(one, hash, { holdMs: 1 });
  const quick = await eventually(() => claimed(two, hash, { index: 1 }));
  await one.paid(slow, payment(slow, one.replica));
  const stands = await two.paid(quick, payment(quick, two.replica));
  expect(stands).toMatchObject({ by: two.replica, repaid: { because: 'expired' } });
  const paid = (await soundEvents({ log }, hash)).filter(({ name }) => name === 'SoundPaid');
  expect(paid.map(({ data }) => data.by)).toEqual([one.replica, two.replica]);
});

test('a crossing payment is marked as repaid even if a fresh recording has already claimed the sound', async () => {
  const hash = newHash();
  const slow = await claimed(one, hash, { holdMs: 1 });
  const quick = await eventually(() => claimed(two, hash, { index: 1 }));
  await two.paid(quick, payment(quick, two.replica));
  const anew = await eventually(() => claimed(two, hash, { index: 2, freshSince: Number.MAX_SAFE_INTEGER }));
  const late = await one.paid(slow, payment(slow, one.replica));
  expect(late).toMatchObject({ by: one.replica, repaid: { because: 'expired' } });
  expect(await two.paid(anew, payment(anew, two.replica))).toMatchObject({ repaid: { because: 'expired' } });
});

test('a late payment is marked as repaid if another dispatcher’s call was billed meanwhile, and only then', async () => {
  const reason = { code: 'x', message: 'x', remedy: 'x' };
  const task = { taskId: 'task-1', keyPrefix: 'setlist/a' };
  for (const [left, isMarked] of [
    [{ billed: true, lost: undefined }, true],
    [{ billed: false, lost: undefined }, false],
    // It was this payment's own task that it could not find.
    [{ billed: true, lost: task }, false],
  ] as const) {
    const hash = newHash();
    const slow = await claimed(one, hash, { holdMs: 1 });
    const quick = await eventually(() => claimed(two, hash, { index: 1 }));
    await two.freed(quick, reason, left);
    const late = await one.paid(slow, payment(slow, one.replica, { taskId: task.taskId }));
    expect([late.repaid, late.lastClaim]).toEqual([isMarked ? { because: 'expired' } : undefined, 2]);
  }
});

test('a payment stands until a user removes its audio', async () => {
  const hash = newHash();
  const claim = await claimed(one, hash);
  await one.paid(claim, payment(claim, one.replica));
  expect(await one.past(hash)).toMatchObject({ stands: true });
  const state = await one.readAnew(hash);
  await noteCollected(log, { hash, seq: state.seq, claim: claim.ordinal, by: 'a-user' });
  expect(await one.past(hash)).toMatchObject({ payments: [{ by: one.replica }], stands: false });
});

test('recovered audio is not a second payment', async () => {
  const hash = newHash();
  const slow = await claimed(one, hash, { holdMs: 1 });
  const finder = await eventually(() => claimed(two, hash, { index: 1 }));
  await one.paid(slow, payment(slow, one.replica));
  const stands = await two.paid(finder, payment(finder, two.replica, { how: 'recovered' }));
  expect(stands.by).toBe(one.replica);
});

test('one call is one payment, even if another dispatcher recovers its audio before its own can note it', async () => {
  const hash = newHash();
  const cutOff = await claimed(one, hash, { holdMs: 1 });
  const finder = await eventually(() => claimed(two, hash, { index: 1 }));
  await two.paid(finder, payment(finder, two.replica, { how: 'recovered' }));
  const stands = await one.paid(cutOff, payment(cutOff, one.replica));
  expect(stands).toMatchObject({ by: two.replica, how: 'recovered' });
  const paid = (await soundEvents({ log }, hash)).filter(({ name }) => name === 'SoundPaid');
  expect(paid).toHaveLength(1);
});

test('one call or task is one payment, even if a third dispatcher has claimed the sound since', async () => {
  for (const same of [{}, { taskId: 'task-1' }]) {
    const hash = newHash();
    const cutOff = await claimed(one, hash, { holdMs: 1 });
    const finder = await eventually(() => claimed(two, hash, { index: 1 }));
    await two.paid(finder, payment(finder, two.replica, { how: 'recovered', ...same }));
    await claimed(two, hash, { index: 2, freshSince: Number.MAX_SAFE_INTEGER });
    const stands = await one.paid(cutOff, payment(cutOff, one.replica, same));
    expect(stands).toMatchObject({ by: two.replica, how: 'recovered' });
    const paid = (await soundEvents({ log }, hash)).filter(({ name }) => name === 'SoundPaid');
    expect(paid).toHaveLength(1);
  }
});

test('that a call may have been billed stays noted after later calls that were not billed', async () => {
  const hash = newHash();
  const reason = { code: 'x', message: 'x', remedy: 'x' };
  await one.freed(await claimed(one, hash), reason, { billed: true, lost: undefined });
  await one.freed(await claimed(one, hash), reason, { billed: false, lost: undefined });
  expect(await rightTo(two, hash)).toMatchObject({ because: 'cut', ordinal: 3 });
});

test.each(['missing', 'damaged', 'fresh', 'expired'] as const)(
  'the reason to make a sound again, %s, stays after calls that were not billed, until one may have been',
  async (because) => {
    const hash = newHash();
    const reason = { code: 'ThrottlingException', message: 'x', remedy: 'x' };
    const first = await claimed(one, hash);
    const { seq } = await one.paid(first, payment(first, one.replica)).then(() => one.readAnew(hash));
    const terms = { for: item(0), operation: 'synthesize', lane: 'standard', holdMs: 60_000 } as const;
    const again = { expectedSeq: seq, ordinal: 2, expired: 0, because };
    const held = await one.claim(hash, again, terms);
    if (held) await one.freed(held, reason, { billed: false, lost: undefined });
    expect(await rightTo(two, hash)).toMatchObject({ because, ordinal: 3 });
    await two.freed(await claimed(two, hash), reason, { billed: true, lost: undefined });
    expect(await rightTo(one, hash)).toMatchObject({ because: 'cut', ordinal: 4 });
  },
);

test('everyone who waits for a payment continues when it comes, before the claim expires', async () => {
  const hash = newHash();
  const claim = await claimed(one, hash);
  const state = await two.readAnew(hash);
  const begun = performance.now();
  const decision = decideSound(state, log.clock.now());
  if (decision.kind !== 'wait') throw new Error('the claim holds');
  const waiting = Array.from({ length: 200 }, () => two.changed(hash, decision, never));
  await one.paid(claim, payment(claim, one.replica));
  await Promise.all(waiting);
  expect(performance.now() - begun).toBeLessThan(decision.forMs);
  expect((await two.read(hash)).kind).toBe('paid');
});

test('the payment in force of a sound that is being made again is read from the log once', async () => {
  const hash = newHash();
  const claim = await claimed(one, hash);
  const paid = await one.paid(claim, payment(claim, one.replica));
  const seq = (await one.read(hash)).seq;
  let reads = 0;
  const first: EventLog['first'] = (...asked) => {
    reads++;
    return log.first(...asked);
  };
  const ledger = new SoundLedger({ ...log, first }, 'dispatcher-three', new AbortController().signal);
  for (let time = 0; time < 3; time++) expect(await ledger.paymentAt(hash, seq)).toEqual(paid);
  expect(reads).toBe(1);
  expect(await ledger.paymentAt(hash, seq - 1)).toBeUndefined();
});
