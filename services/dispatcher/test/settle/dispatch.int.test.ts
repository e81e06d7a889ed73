/** The dispatcher on a real broker and engine: every item gets one outcome, and every sound is paid for once. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { newEvent, soundHash, subjects } from '@setlist/contracts';
import { rightToRepay } from '@setlist/sounds';
import { engineStats, setFaults } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { payment } from '../world/claims.ts';
import { paidTwice, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

test('writes complete audio files under the user’s names', async () => {
  await using _ = dispatcherHere(rig);
  const setId = await ask(
    rig,
    [sound('Good evening.'), sound('Mind the gap.', { format: 'ogg_vorbis' })],
    'named',
  );
  const outcomes = await settled(rig, setId, 2);
  expect(outcomes.map(({ name }) => name)).toEqual(['ItemCompleted', 'ItemCompleted']);
  const audio = await readFile(`${rig.folder}/out/named/item-000000.mp3`);
  expect(audio.length).toBeGreaterThan(1_000);
  const ogg = await readFile(`${rig.folder}/out/named/item-000001.ogg`);
  expect(ogg.subarray(0, 4).toString()).toBe('OggS');
});

test('pays once for a phrase that fifty items of a set share, and nothing when the same set runs again', async () => {
  await using _ = dispatcherHere(rig, { CALL_TIMEOUT: '30s' });
  const before = await engineStats(rig);
  const phrases = Array.from({ length: 50 }, () => sound('The same words, fifty times.'));
  const outcomes = await settled(rig, await ask(rig, phrases, 'same'), 50);
  expect(outcomes.filter(({ data }) => 'how' in data && data.how === 'paid')).toHaveLength(1);
  await settled(rig, await ask(rig, phrases, 'same-again'), 50);
  const after = await engineStats(rig);
  expect(Object.keys(after.sounds).length - Object.keys(before.sounds).length).toBe(1);
  expect(paidTwice(after)).toEqual([]);
});

test('makes a sound again if its stored audio is gone, and marks the payment', async () => {
  await using _ = dispatcherHere(rig);
  const wanted = sound('Here today, gone tomorrow.');
  const [first] = await settled(rig, await ask(rig, [wanted], 'gone'), 1);
  await rm(`${rig.folder}/store/audio/${first?.data.hash}.mp3`);
  const [second] = await settled(rig, await ask(rig, [wanted], 'gone-again'), 1);
  expect(second?.data).toMatchObject({ how: 'paid' });
  const paid = await rig.log.last(subjects.sound(first?.data.hash ?? ''));
  expect(paid?.event).toMatchObject({
    name: 'SoundPaid',
    data: { repaid: { because: 'missing' }, claim: 2 },
  });
});

test('audio that is put back after making it again has failed is used, and nothing is paid for', async () => {
  await using _ = dispatcherHere(rig, { RETRY_FOR: '1s' });
  const wanted = sound('Gone, and back again.');
  const hash = soundHash(wanted);
  await settled(rig, await ask(rig, [wanted], 'away'), 1);
  const object = `${rig.folder}/store/audio/${hash}.mp3`;
  await rename(object, `${object}.away`);
  await setFaults(rig, { serverError: 1 });
  const [failed] = await settled(rig, await ask(rig, [wanted], 'still-away'), 1);
  expect(failed?.name).toBe('ItemFailed');
  await setFaults(rig, {});
  await rename(`${object}.away`, object);
  const [reused] = await settled(rig, await ask(rig, [wanted], 'back'), 1);
  expect(reused?.data).toMatchObject({ how: 'reused', billedCharacters: 0 });
  const paid = (await soundEvents(rig, hash)).filter(({ name }) => name === 'SoundPaid');
  expect(paid).toHaveLength(1);
});

test('delivers nothing from the store except audio of the sound itself, whatever a payment names', async () => {
  await using _ = dispatcherHere(rig);
  const wanted = sound('Said by somebody, paid by nobody.');
  const hash = soundHash(wanted);
  const text = 'a set file of somebody else’s';
  await mkdir(`${rig.folder}/store/setfiles`, { recursive: true });
  await writeFile(`${rig.folder}/store/setfiles/a.yml`, text);
  const lie = { object: 'setfiles/a.yml', sha256: createHash('sha256').update(text).digest('hex') };
  const paid = payment({ hash, ordinal: 1, for: { set: 'another', index: 0, attempt: 1 } }, 'nobody', lie);
  await rig.log.append(newEvent('SoundPaid', paid, { source: 'dispatcher', now: new Date() }), {
    lastSeq: 0,
  });
  const [outcome] = await settled(rig, await ask(rig, [wanted], 'lied-of'), 1);
  expect(outcome).toMatchObject({ name: 'ItemCompleted', data: { how: 'paid' } });
  expect(await readFile(`${rig.folder}/out/${outcome?.data.file}`, 'utf8')).not.toBe(text);
  const last = await rig.log.last(subjects.sound(hash));
  expect(last?.event?.data).toMatchObject({ object: `audio/${hash}.mp3`, repaid: { because: 'missing' } });
});

test('never delivers stored audio that was changed, but makes it again once and marks the payment', async () => {
  await using _ = dispatcherHere(rig);
  const wanted = sound('As it was, or not at all.');
  const [first] = await settled(rig, await ask(rig, [wanted], 'changed'), 1);
  const object = `${rig.folder}/store/audio/${first?.data.hash}.mp3`;
  const audio = await readFile(object);
  await writeFile(object, audio.subarray(0, audio.length - 1));
  const outcomes = await settled(rig, await ask(rig, [wanted, wanted], 'changed-again'), 2);
  expect(outcomes.map(({ data }) => 'how' in data && data.how).sort()).toEqual(['paid', 'reused']);
  for (const { data } of outcomes) expect(await readFile(`${rig.folder}/out/${data.file}`)).toEqual(audio);
  const paid = await rig.log.last(subjects.sound(soundHash(wanted)));
  expect(paid?.event).toMatchObject({
    name: 'SoundPaid',
    data: { repaid: { because: 'damaged' }, claim: 2 },
  });
  await settled(rig, await ask(rig, [wanted], 'mended'), 1);
  expect((await rig.log.last(subjects.sound(soundHash(wanted))))?.seq).toBe(paid?.seq);
});

test('damaged audio is not mistaken for new audio of a dispatcher that died before making it again', async () => {
  const wanted = sound('Neither whole nor found.');
  const hash = soundHash(wanted);
  const object = `${rig.folder}/store/audio/${hash}.mp3`;
  {
    await using _ = dispatcherHere(rig);
    await settled(rig, await ask(rig, [wanted], 'damaged'), 1);
  }
  const audio = await readFile(object);
  await writeFile(object, audio.subarray(0, audio.length - 1));
  const ledger = new SoundLedger(rig.log, 'one that dies', AbortSignal.timeout(60_000));
  const state = await ledger.readAnew(hash);
  if (state.kind !== 'paid') throw new Error('the sound must be paid');
  const terms = {
    for: { set: 'a-set', index: 0, attempt: 1 },
    operation: 'synthesize',
    lane: 'standard',
    holdMs: 1,
  } as const;
  expect(await ledger.claim(hash, rightToRepay(state, 'damaged'), terms)).toBeDefined();

  await using _ = dispatcherHere(rig);
  const [outcome] = await settled(rig, await ask(rig, [wanted], 'made-again'), 1);
  expect(outcome?.data).toMatchObject({ how: 'paid' });
  expect(await readFile(`${rig.folder}/out/${outcome?.data.file}`)).toEqual(audio);
});

test('speech marks of a kind that the text does not have are complete, and empty', async () => {
  await using _ = dispatcherHere(rig);
  const wanted = sound('<speak>No mark is in here.</speak>', {
    format: 'json',
    textType: 'ssml',
    speechMarks: ['ssml'],
  });
  const [outcome] = await settled(rig, await ask(rig, [wanted], 'unmarked'), 1);
  expect(outcome).toMatchObject({ name: 'ItemCompleted', data: { bytes: 0, durationMs: 0 } });
});

test('fails a refused item with the provider’s reason and a remedy, and completes the others', async () => {
  await using _ = dispatcherHere(rig);
  const bad = sound('<speak>Open <b>wide</b></speak>', { textType: 'ssml' });
  const outcomes = await settled(rig, await ask(rig, [bad, sound('All is well.')], 'refused'), 2);
  const failed = outcomes.find(({ name }) => name === 'ItemFailed');
  expect(failed?.data).toMatchObject({ index: 0, code: 'InvalidSsmlException', tries: 1 });
  expect(failed?.data).toHaveProperty('remedy', expect.stringMatching(/\w/));
});

test('uses a task for a text over 3,000 characters', async () => {
  await using _ = dispatcherHere(rig);
  const long = 'A sentence that goes on for a while, and then some more. '.repeat(60);
  const [outcome] = await settled(rig, await ask(rig, [sound(long)], 'long'), 1);
  expect(outcome?.data).toMatchObject({ how: 'paid', billedCharacters: long.length });
  expect((await engineStats(rig)).tasksStarted).toBe(1);
});

test('two dispatchers share a set, and every item has one outcome', async () => {
  // A call that times out on a busy machine would be made and paid again.
  await using _one = dispatcherHere(rig, { CALL_TIMEOUT: '60s' });
  await using _two = dispatcherHere(rig, { CALL_TIMEOUT: '60s' });
  const before = paidTwice(await engineStats(rig));
  const phrases = Array.from({ length: 60 }, (_, index) => sound(`Platform ${index} is closed.`));
  const outcomes = await settled(rig, await ask(rig, phrases, 'shared'), 60);
  expect(new Set(outcomes.map(({ data }) => data.index)).size).toBe(60);
  expect(paidTwice(await engineStats(rig))).toEqual(before);
});
