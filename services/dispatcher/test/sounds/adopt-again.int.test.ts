/** Adopting audio for a sound that has a payment, or an adoption, but whose audio is gone from the store. */
import { randomBytes } from 'node:crypto';
import { type Sound, soundHash } from '@setlist/contracts';
import { type Adoption, adopt, canonicalKey } from '@setlist/sounds';
import { folderObjectStore, type ObjectStore } from '@setlist/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { claimsOn, item, payment } from '../world/claims.ts';
import { settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';

let rig: Rig;
let store: ObjectStore;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
  store = folderObjectStore(`${rig.folder}/store`);
});
afterAll(() => rig[Symbol.asyncDispose]());

const take = (wanted: Sound, audio: Uint8Array): Promise<Adoption> =>
  adopt(
    { log: rig.log, store, by: 'cli-1' },
    { hash: soundHash(wanted), sound: wanted, read: async () => audio },
  );

/** Has a dispatcher pay for a sound, or reuse it. @returns its outcome */
async function run(wanted: Sound) {
  await using _dispatcher = dispatcherHere(rig);
  const [outcome] = await settled(rig, await ask(rig, [wanted]), 1);
  return outcome;
}

test('for a paid sound, no different audio is adopted, and no object in the way is replaced', async () => {
  const wanted = sound('Paid for, and gone.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  const object = canonicalKey(hash, 'pcm');
  await run(wanted);
  const before = await soundEvents(rig, hash);
  const audio = await store.get(object);
  await store.delete(object);
  expect(await take(wanted, randomBytes(3_200))).toMatchObject({
    kind: 'unusable',
    why: expect.stringContaining('other audio'),
  });
  const described = { contentType: 'audio/pcm' };
  await store.put(object, randomBytes(10), described);
  expect(await take(wanted, audio)).toMatchObject({
    kind: 'unusable',
    why: expect.stringMatching(/not the audio that was paid for, and is in the way of it: remove it/),
  });
  await store.delete(object);
  expect(await take(wanted, audio)).toMatchObject({ kind: 'restored', bytes: audio.length });
  expect(await store.get(object)).toEqual(Buffer.from(audio));
  expect(await soundEvents(rig, hash)).toEqual(before);
});

test('adopted audio that is gone is put back, or replaced by other adopted audio, and no run pays for it', async () => {
  const wanted = sound('Brought along, and gone.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  const [first, second] = [randomBytes(3_200), randomBytes(6_400)];
  for (const [audio, kind] of [
    [first, 'adopted'],
    [first, 'restored'],
    [second, 'adopted'],
  ] as const) {
    for await (const { key } of store.list(`audio/${hash}`)) await store.delete(key);
    expect(await take(wanted, audio)).toMatchObject({ kind, bytes: audio.length });
  }
  expect((await run(wanted))?.data).toMatchObject({
    how: 'reused',
    billedCharacters: 0,
    bytes: second.length,
  });
  const events = await soundEvents(rig, hash);
  expect(events.map(({ data }) => data)).toMatchObject([
    { how: 'adopted', claim: 1 },
    { how: 'adopted', claim: 2 },
  ]);
});

test('an object in the way of adopted audio is said to be in its way, not in that of paid audio', async () => {
  const wanted = sound('Brought along, and damaged.', { format: 'pcm', sampleRate: 16_000 });
  const audio = randomBytes(3_200);
  await take(wanted, audio);
  const [adopted] = await soundEvents(rig, soundHash(wanted));
  if (adopted?.name !== 'SoundPaid') throw new Error('it was adopted');
  await store.put(adopted.data.object, randomBytes(10), { contentType: 'audio/pcm' });
  expect(await take(wanted, audio)).toMatchObject({
    kind: 'unusable',
    why: expect.stringMatching(/not the audio that was adopted, and is in the way of it: remove it/),
  });
});

test('audio that a dispatcher pays for anew during an adoption is known, and nobody is told to remove it', async () => {
  const wanted = sound('Gone, and paid for again.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  const object = canonicalKey(hash, 'pcm');
  await run(wanted);
  const audio = await store.get(object);
  await store.delete(object);
  const ledger = new SoundLedger(rig.log, 'dispatcher-two', new AbortController().signal);
  const payAnew = async () => {
    const claim = await claimsOn(() => rig.log).claimed(ledger, hash, { freshSince: Infinity });
    await store.put(object, randomBytes(6_400), { contentType: 'audio/pcm' });
    const again = { object, bytes: 6_400, repaid: { because: 'fresh' } } as const;
    await ledger.paid(claim, payment(claim, ledger.replica, again));
    return audio;
  };
  expect(await adopt({ log: rig.log, store, by: 'cli-1' }, { hash, sound: wanted, read: payAnew })).toEqual({
    kind: 'known',
  });
});

test('of two adoptions of the same audio, the later one removes nothing, even if the sound is being recorded afresh', async () => {
  const wanted = sound('Brought along by two.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  const audio = randomBytes(3_200);
  const ledger = new SoundLedger(rig.log, 'dispatcher-two', new AbortController().signal);
  const crossed = async () => {
    expect(await take(wanted, audio)).toMatchObject({ kind: 'adopted' });
    await claimsOn(() => rig.log).claimed(ledger, hash, { freshSince: Infinity });
    return audio;
  };
  const later = await adopt({ log: rig.log, store, by: 'cli-2' }, { hash, sound: wanted, read: crossed });
  expect(later).toEqual({ kind: 'claimed' });
  const [adopted] = await soundEvents(rig, hash);
  if (adopted?.name !== 'SoundPaid') throw new Error('it was adopted');
  expect(await store.get(adopted.data.object)).toEqual(audio);
});

test('audio that was paid for is put back once the claim of a dispatcher that died making it again has expired', async () => {
  const wanted = sound('Paid for, gone, and claimed.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  await run(wanted);
  const audio = await store.get(canonicalKey(hash, 'pcm'));
  await store.delete(canonicalKey(hash, 'pcm'));
  const ledger = new SoundLedger(rig.log, 'dispatcher-two', new AbortController().signal);
  const claim = await claimsOn(() => rig.log).claimed(ledger, hash, { freshSince: Infinity });
  expect(await take(wanted, audio)).toEqual({ kind: 'claimed' });
  await ledger.renew(claim, -60_000);
  expect(await take(wanted, audio)).toMatchObject({ kind: 'restored' });
  expect((await run(wanted))?.data).toMatchObject({ how: 'reused' });
});

test('audio that a dispatcher stored before it died, in the place of paid audio that is gone, is not said to be in the way', async () => {
  const wanted = sound('Paid for, gone, and made again.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  const object = canonicalKey(hash, 'pcm');
  await run(wanted);
  const audio = await store.get(object);
  await store.delete(object);
  const dead = new SoundLedger(rig.log, 'dispatcher-two', new AbortController().signal);
  await claimsOn(() => rig.log).claimed(dead, hash, { freshSince: Infinity, holdMs: -60_000 });
  const left = randomBytes(6_400);
  await store.put(object, left, { contentType: 'audio/pcm' });
  expect(await take(wanted, audio)).toEqual({ kind: 'claimed' });
  expect((await run(wanted))?.data).toMatchObject({ how: 'recovered', bytes: left.length });
});

describe('adopted audio that is gone, and that a dispatcher failed to replace,', () => {
  const REASON = { code: 'x', message: 'it failed', remedy: 'none' };
  const claims = claimsOn(() => rig.log);
  const dispatcher = () => new SoundLedger(rig.log, 'dispatcher-two', new AbortController().signal);

  async function adoptedAndGone(text: string, audio = randomBytes(3_200)): Promise<Sound> {
    const wanted = sound(text, { format: 'pcm', sampleRate: 16_000 });
    await take(wanted, audio);
    for await (const { key } of store.list(`audio/${soundHash(wanted)}`)) await store.delete(key);
    return wanted;
  }

  test('is put back, but not replaced by other audio, while a task that may be billed is lost', async () => {
    const audio = randomBytes(3_200);
    const wanted = await adoptedAndGone('Gone, with a lost task.', audio);
    const ledger = dispatcher();
    const claim = await claims.claimed(ledger, soundHash(wanted), { freshSince: Infinity });
    await ledger.freed(claim, REASON, { billed: true, lost: { keyPrefix: 'setlist/' } });
    expect(await take(wanted, randomBytes(6_400))).toEqual({ kind: 'claimed' });
    expect(await take(wanted, audio)).toMatchObject({ kind: 'restored' });
  });

  test('is put back, but not replaced by other audio, if a dispatcher died that may have started a task', async () => {
    const audio = randomBytes(3_200);
    const wanted = await adoptedAndGone('Gone, with a task left behind.', audio);
    const hash = soundHash(wanted);
    const ledger = dispatcher();
    const right = await claims.rightTo(ledger, hash, { freshSince: Infinity });
    const terms = { for: item(0), operation: 'task', lane: 'standard', holdMs: -60_000 } as const;
    await ledger.claim(hash, right, { ...terms, keyPrefix: 'setlist/' });
    expect(await take(wanted, randomBytes(6_400))).toEqual({ kind: 'claimed' });
    expect(await take(wanted, audio)).toMatchObject({ kind: 'restored' });
  });

  test('is replaced after claims ran out only if no audio was left', async () => {
    const wanted = await adoptedAndGone('Gone, with audio left behind.');
    const hash = soundHash(wanted);
    const ledger = dispatcher();
    const { for: item } = await claims.claimed(ledger, hash, { freshSince: Infinity });
    const state = await ledger.read(hash);
    if (state.kind !== 'claimed') throw new Error('it was claimed');
    await ledger.givenUp(hash, state, REASON, { for: item });
    const left = canonicalKey(hash, 'pcm');
    await store.put(left, randomBytes(3_200), { contentType: 'audio/pcm' });
    expect(await take(wanted, randomBytes(6_400))).toEqual({ kind: 'claimed' });
    await store.delete(left);
    expect(await take(wanted, randomBytes(6_400))).toMatchObject({ kind: 'adopted' });
  });
});
