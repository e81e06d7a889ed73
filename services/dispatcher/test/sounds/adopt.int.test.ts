/** Adopting a user's own audio, on a real broker: it needs no payment, and never interferes with one. */
import { randomBytes } from 'node:crypto';
import { type EventData, newEvent, type Sound, soundHash, subjects } from '@setlist/contracts';
import { type Adoption, adopt, canonicalKey, type Offer, soundStanding } from '@setlist/sounds';
import { folderObjectStore, type ObjectStore } from '@setlist/storage';
import { engineStats } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { outcomesOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases, sound } from '../world/sets.ts';

let rig: Rig;
let store: ObjectStore;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
  store = folderObjectStore(`${rig.folder}/store`);
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Audio from the provider, without a trace in the log. */
async function audioOf(wanted: Sound): Promise<Uint8Array> {
  const options = { region: 'us-east-1', endpoint: rig.engineUrl, callTimeoutMs: 5_000 };
  const provider = pollySpeech(options);
  try {
    return (await provider.synthesize(wanted)).audio;
  } finally {
    provider.close();
  }
}

/** All that SynthesizeSpeech gives, in Hz. */
const MP3_RATES = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000];

const offerOf = (wanted: Sound, audio: Uint8Array): Offer => ({
  hash: soundHash(wanted),
  sound: wanted,
  read: async () => audio,
});

const take = (wanted: Sound, audio: Uint8Array, by = 'cli-1'): Promise<Adoption> =>
  adopt({ log: rig.log, store, by }, offerOf(wanted, audio));

async function stored(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('audio/')) keys.push(key);
  return keys;
}

test('a set whose audio was adopted pays nothing and reuses all of it', async () => {
  const wanted = phrases(3, 'Brought along');
  for (const each of wanted) {
    expect(await take(each, await audioOf(each))).toMatchObject({
      kind: 'adopted',
      durationMs: expect.any(Number),
    });
  }
  const before = await engineStats(rig);
  await using _dispatcher = dispatcherHere(rig);
  const setId = await ask(rig, wanted, 'adopted');
  await settled(rig, setId, 3);
  for (const { name, data } of await outcomesOf(rig, setId)) {
    expect({ name, ...data }).toMatchObject({ name: 'ItemCompleted', how: 'reused', billedCharacters: 0 });
  }
  expect((await engineStats(rig)).billedCharacters).toBe(before.billedCharacters);
  const [event, ...more] = await soundEvents(rig, soundHash(wanted[0] as Sound));
  expect(more).toEqual([]);
  expect(event).toMatchObject({ name: 'SoundPaid', data: { how: 'adopted', billedCharacters: 0, claim: 1 } });
  expect(event?.data).not.toHaveProperty('for');
});

test('adopting again changes nothing, and the next run completes one that crashed before it was noted', async () => {
  const wanted = sound('Twice the same.');
  const audio = await audioOf(wanted);
  // A crash leaves the audio stored, but not noted in the log.
  const dying = { ...rig.log, append: () => Promise.reject(new Error('killed')) };
  await expect(adopt({ log: dying, store, by: 'cli-0' }, offerOf(wanted, audio))).rejects.toThrow('killed');
  const left = await stored();
  expect(await take(wanted, audio)).toMatchObject({ kind: 'adopted' });
  expect(await stored(), 'the same object that was left').toEqual(left);
  expect(await take(wanted, audio, 'cli-2')).toEqual({ kind: 'known' });
  expect(await soundEvents(rig, soundHash(wanted))).toHaveLength(1);
});

test('of many simultaneous adoptions of a sound with different audio, one succeeds, and its audio stays', async () => {
  const wanted = sound('Everybody brings it.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  const taken = await Promise.all(
    Array.from({ length: 8 }, (_, at) => take(wanted, randomBytes(3_200), `cli-${at}`)),
  );
  expect(taken.filter(({ kind }) => kind === 'adopted')).toHaveLength(1);
  expect(taken.filter(({ kind }) => kind === 'known')).toHaveLength(7);
  const [paid] = await soundEvents(rig, hash);
  if (paid?.name !== 'SoundPaid') throw new Error('one has adopted it');
  expect((await stored()).filter((key) => key.includes(hash))).toEqual([paid.data.object]);
});

/** A claim as a dispatcher makes it. */
const claimOf = (hash: string, forMs: number, changes: Partial<EventData<'SoundClaimed'>> = {}) =>
  newEvent(
    'SoundClaimed',
    {
      hash,
      claim: 1,
      by: 'dispatcher-1',
      until: new Date(rig.log.clock.now() + forMs).toISOString(),
      for: { set: 'a-set', index: 0, attempt: 1 },
      operation: 'synthesize',
      expired: 0,
      because: 'new',
      ...changes,
    },
    { source: 'dispatcher', now: new Date() },
  );

/** Given up after its claims expired. */
const freedWith = (hash: string, lost?: EventData<'SoundFreed'>['lost']) =>
  newEvent(
    'SoundFreed',
    {
      hash,
      claim: 1,
      by: 'dispatcher-1',
      reason: { code: 'claims-ran-out', message: 'its claims expired', remedy: 'retry it' },
      billed: true,
      because: 'expired',
      ...(lost && { lost }),
    },
    { source: 'dispatcher', now: new Date() },
  );

test('a sound under a live claim is never adopted, however the two cross', async () => {
  const wanted = sound('Being paid for.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  const claim = claimOf(hash, 60_000);
  const crossing: Offer = {
    hash,
    sound: wanted,
    read: async () => {
      await rig.log.append(claim, { lastSeq: 0 });
      return randomBytes(3_200);
    },
  };
  expect(await adopt({ log: rig.log, store, by: 'cli-1' }, crossing)).toEqual({ kind: 'claimed' });
  expect(await take(wanted, randomBytes(3_200))).toEqual({ kind: 'claimed' });
  expect((await stored()).filter((key) => key.includes(hash))).toEqual([]);
  expect((await rig.log.last(subjects.sound(hash)))?.event?.id).toBe(claim.id);
});

test('a sound whose claim expired is adopted, unless a task that may have been started has to be looked for', async () => {
  const wanted = sound('Its claim has expired.');
  const byTask = sound('Its claim has expired, and a task may run.');
  const freed = sound('It failed, and a task may run.');
  await rig.log.append(claimOf(soundHash(wanted), -1), { lastSeq: 0 });
  const lost = { keyPrefix: 'setlist/a' };
  await rig.log.append(claimOf(soundHash(byTask), -1, { operation: 'task', lost }), { lastSeq: 0 });
  await rig.log.append(freedWith(soundHash(freed), lost), { lastSeq: 0 });
  expect(await take(wanted, await audioOf(wanted))).toMatchObject({ kind: 'adopted' });
  for (const each of [byTask, freed])
    expect(await take(each, await audioOf(each))).toEqual({ kind: 'claimed' });
  expect(await soundEvents(rig, soundHash(wanted))).toMatchObject([
    { name: 'SoundClaimed' },
    { name: 'SoundPaid', data: { how: 'adopted', claim: 2 } },
  ]);
});

test('audio that a dead dispatcher stored is not adopted over: the next run finds it and notes what it cost', async () => {
  const wanted = phrases(2, 'Stored, and never noted');
  const [claimed, givenUp] = wanted.map(soundHash) as [string, string];
  await rig.log.append(claimOf(claimed, -1), { lastSeq: 0 });
  await rig.log.append(freedWith(givenUp), { lastSeq: 0 });
  for (const each of wanted) {
    const audio = await audioOf(each);
    await store.put(canonicalKey(soundHash(each), 'mp3'), audio, { contentType: 'audio/mpeg' });
    expect(await take(each, audio)).toEqual({ kind: 'claimed' });
    expect(await soundStanding({ log: rig.log, store }, offerOf(each, audio), async () => false)).toBe(
      'claimed',
    );
  }
  await using _dispatcher = dispatcherHere(rig);
  for (const { data } of await settled(rig, await ask(rig, wanted, 'left-behind'), 2))
    expect(data).toMatchObject({ how: 'recovered', billedCharacters: wanted[data.index]?.text.length });
});

test.each(MP3_RATES)(
  'an mp3 of %i Hz is adopted whole, with tags or without, and not cut',
  async (sampleRate) => {
    const [cut, bare, tagged] = phrases(3, `At ${sampleRate}`, { sampleRate }) as [Sound, Sound, Sound];
    const mp3 = await audioOf(bare);
    expect(await take(cut, mp3.subarray(0, -1))).toMatchObject({ kind: 'unusable' });
    expect(await take(bare, mp3)).toMatchObject({ kind: 'adopted' });
    const id3v2 = Buffer.from('ID3\x04\0\0\0\0\0\x05title', 'latin1');
    const id3v1 = Buffer.from('TAG'.padEnd(128, '\0'));
    expect(await take(tagged, Buffer.concat([id3v2, mp3, id3v1]))).toMatchObject({ kind: 'adopted' });
  },
);

test('only audio that matches what the set asks for is adopted, and the reason says how it differs', async () => {
  const mp3 = await audioOf(sound('A sound.'));
  const ogg = await audioOf(sound('A sound.', { format: 'ogg_vorbis' }));
  const reasons = [
    [sound('a'), new Uint8Array(), 'the file is empty'],
    [sound('b'), ogg, 'the set asks for mp3, and this is Ogg with vorbis'],
    [sound('c', { sampleRate: 24_000 }), mp3, 'the set asks for 24000 Hz, and this has 22050 Hz'],
    [
      sound('c', { engine: 'neural', sampleRate: 24_000 }),
      mp3,
      '22050 Hz is what the standard engine gives: write "engine: standard"',
    ],
    [
      sound('d', { format: 'ogg_opus', sampleRate: 48_000 }),
      ogg,
      'the set asks for ogg_opus, and this is Ogg with vorbis',
    ],
    [
      sound('e', { format: 'pcm', sampleRate: 16_000 }),
      Buffer.from('RIFF....'),
      /which has no header, and this begins with RIFF/,
    ],
    [
      sound('f', { format: 'pcm', sampleRate: 16_000 }),
      new Uint8Array(3),
      'the audio ends in the middle of a sample',
    ],
    [sound('g', { format: 'json' }), Buffer.from('{"time":0}\nno json'), /speech marks/],
    [sound('h'), randomBytes(4_000), /can't be read as mp3/],
    [sound('i', { format: 'ogg_vorbis' }), ogg.subarray(0, -1), /can't be read as ogg_vorbis/],
    [sound('j'), mp3.subarray(0, -1), /can't be read as mp3: it breaks off/],
  ] as const;
  for (const [wanted, audio, why] of reasons) {
    const taken = await take(wanted, audio);
    expect(taken.kind === 'unusable' && taken.why, wanted.text).toMatch(why);
    expect(await rig.log.last(subjects.sound(soundHash(wanted)))).toBeUndefined();
  }
  for (const changes of [{}, { format: 'ogg_vorbis' }, { format: 'pcm', sampleRate: 16_000 }] as const) {
    const wanted = sound('The real thing.', changes);
    expect(await take(wanted, await audioOf(wanted))).toMatchObject({ kind: 'adopted' });
  }
});
