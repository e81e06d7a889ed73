/** Paid audio that is lost from the store, or replaced in it, before its own item is delivered: that never pays again. */
import { hash as hashOf } from 'node:crypto';
import { soundHash } from '@setlist/contracts';
import { rightToRepay } from '@setlist/sounds';
import { openStore } from '@setlist/storage';
import { eventually, onceStill } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { claimsOn, item, payment } from '../world/claims.ts';
import { oddStoreRig } from '../world/odd-store-rig.ts';
import { callsOf, payments, settled } from '../world/probes.ts';
import { dispatcherHere } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';

const of = oddStoreRig();
const calls = async (): Promise<number> => (await callsOf(of.rig)).ok;

/** Another item claims a sound whose audio is gone, and is not called for. */
async function claimedInVain(hash: string): Promise<void> {
  const ledger = new SoundLedger(of.rig.log, 'another', new AbortController().signal);
  const state = await ledger.readAnew(hash);
  if (state.kind !== 'paid') throw new Error('the sound must be paid');
  const terms = { for: item(0), operation: 'synthesize', lane: 'standard', holdMs: 60_000 } as const;
  const claim = await ledger.claim(hash, rightToRepay(state, 'missing'), terms);
  if (!claim) throw new Error('somebody else was quicker');
  const reason = { code: 'not-called', message: 'it was paused', remedy: 'none' };
  await ledger.freed(claim, reason, { billed: false, lost: undefined });
}

test.each([
  ['', false],
  [', even if another item was about to make it again', true],
])(
  'paid audio that is lost before it is delivered fails its item, which does not pay again%s',
  async (also, isClaimed) => {
    await using _ = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
    const before = await calls();
    using odd = of.s3.be((_method, path) => (path.startsWith('/out') ? 'page' : 'passes'));
    const wanted = sound(`Here today, gone tomorrow${also}.`);
    const setId = await ask(of.rig, [wanted], 'gone', 's3://out');
    const { object } = await eventually(async () => (await payments(of.rig)).get(soundHash(wanted)) ?? null);
    await onceStill(calls);
    await openStore('s3://store', of.s3.options).delete(object);
    if (isClaimed) await claimedInVain(soundHash(wanted));
    odd[Symbol.dispose]();
    const [failed] = await settled(of.rig, setId, 1);
    expect(failed?.data).toMatchObject({
      code: 'store-loses-audio',
      remedy: expect.stringContaining('retry'),
    });
    expect((await calls()) - before).toBe(1);

    const [made] = await settled(of.rig, await ask(of.rig, [wanted], 'anew', 's3://out'), 1);
    expect(made?.data).toMatchObject({ how: 'paid' });
    expect((await payments(of.rig)).get(soundHash(wanted))).toMatchObject({ repaid: { because: 'missing' } });
  },
);

test('an item whose audio was recorded again while it waited for its output gets the new recording', async () => {
  const wanted = sound('While the output was away.');
  const hash = soundHash(wanted);
  let asked = 0;
  using odd = of.s3.be((_method, path) => (path.startsWith('/out') && ++asked > 0 ? 'page' : 'passes'));
  const first = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  const setId = await ask(of.rig, [wanted], 'away', 's3://out');
  const { object } = await eventually(async () => (await payments(of.rig)).get(hash) ?? null);
  await first[Symbol.asyncDispose]();
  await claimedInVain(hash);
  asked = 0;
  await using _ = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  await eventually(async () => expect(asked).toBeGreaterThan(0));
  const another = new SoundLedger(of.rig.log, 'another', new AbortController().signal);
  const claim = await claimsOn(() => of.rig.log).claimed(another, hash, { freshSince: Infinity });
  const audio = Buffer.from('another recording');
  await openStore('s3://store', of.s3.options).put(object, audio, { contentType: 'audio/mpeg' });
  const made = { object, bytes: audio.length, sha256: hashOf('sha256', audio) };
  await another.paid(claim, payment(claim, another.replica, { ...made, repaid: { because: 'fresh' } }));
  odd[Symbol.dispose]();
  const [reused] = await settled(of.rig, setId, 1);
  expect(reused).toMatchObject({ name: 'ItemCompleted', data: { how: 'reused', sha256: made.sha256 } });
});
