/** Repeated and crossing events of a sound, on a real broker: each counts once, and claim numbers only go up. */
import type { EventLog } from '@setlist/eventlog';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { claimsOn, newHash, payment, type TwoLedgers, twoLedgers } from '../world/claims.ts';
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

test('claim numbers never go back, and no event is noted twice, whichever payment comes last', async () => {
  const hash = newHash();
  const fresh = { freshSince: Number.MAX_SAFE_INTEGER };
  const slow = await claimed(one, hash, { holdMs: 1 });
  const quick = await eventually(() => claimed(two, hash, { index: 1 }));
  await two.paid(quick, payment(quick, two.replica));
  await one.paid(slow, payment(slow, one.replica));
  const slowAgain = await claimed(one, hash, { ...fresh, holdMs: 1 });
  // The claim is taken over, and not paid yet when the late payment comes.
  await eventually(() => claimed(two, hash, { ...fresh, index: 1 }));
  await one.paid(slowAgain, payment(slowAgain, one.replica));
  const last = await claimed(two, hash, { ...fresh, index: 1 });
  await two.paid(last, payment(last, two.replica));

  const events = await soundEvents({ log }, hash);
  const claims = events.filter(({ name }) => name === 'SoundClaimed');
  expect(claims.map(({ data }) => data.claim)).toEqual([1, 2, 3, 4, 5]);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});

test('a payment whose acknowledgement was lost counts once, even if a fresh recording claims the sound before the retry', async () => {
  const hash = newHash();
  const claim = await claimed(one, hash);
  await one.paid(claim, payment(claim, one.replica));
  await claimed(two, hash, { freshSince: Number.MAX_SAFE_INTEGER, index: 1 });
  const stands = await one.paid(claim, payment(claim, one.replica));
  expect(stands).not.toHaveProperty('repaid');
  const paid = (await soundEvents({ log }, hash)).filter(({ name }) => name === 'SoundPaid');
  expect(paid).toHaveLength(1);
});

test('of two copies of an item only one holds the claim, even if one renews it while the other finds it expired', async () => {
  const hash = newHash();
  const held = await claimed(one, hash, { holdMs: 1 });
  const right = await eventually(() => rightTo(one, hash));
  const terms = { for: held.for, operation: 'synthesize', lane: 'standard', holdMs: 60_000 } as const;
  const both = await Promise.all([one.renew(held, 60_000), one.claim(hash, right, terms)]);
  expect(both.filter((each) => each !== undefined)).toHaveLength(1);
});
