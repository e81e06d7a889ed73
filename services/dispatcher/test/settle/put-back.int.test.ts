/** Audio that is put back into the store while its sound is being made again. */
import { rename } from 'node:fs/promises';
import { type Sound, soundHash } from '@setlist/contracts';
import { rightToRepay } from '@setlist/sounds';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Has a sound paid for. @returns where its audio is */
async function paidFor(wanted: Sound): Promise<string> {
  await using _ = dispatcherHere(rig);
  await settled(rig, await ask(rig, [wanted], 'before'), 1);
  return `${rig.folder}/store/audio/${soundHash(wanted)}.mp3`;
}

test('that a dispatcher which died may have called for it is in the log, though the audio is used', async () => {
  const wanted = sound('Gone, called for, and back.');
  const hash = soundHash(wanted);
  const object = await paidFor(wanted);
  await rename(object, `${object}.away`);
  const dying = new SoundLedger(rig.log, 'one-that-dies', new AbortController().signal);
  const state = await dying.readAnew(hash);
  if (state.kind !== 'paid') throw new Error('the sound must be paid');
  const setId = await ask(rig, [wanted, wanted], 'put-back');
  const terms = { operation: 'synthesize', lane: 'standard', holdMs: 1 } as const;
  const item = { set: setId, index: 0, attempt: 1 };
  expect(await dying.claim(hash, rightToRepay(state, 'missing'), { ...terms, for: item })).toBeDefined();
  await rename(`${object}.away`, object);

  await using _ = dispatcherHere(rig);
  const outcomes = await settled(rig, setId, 2);
  expect(outcomes.map(({ data }) => 'how' in data && data.how)).toEqual(['reused', 'reused']);
  const freed = { billed: true, because: 'expired', standing: expect.any(Number) };
  await eventually(async () =>
    expect((await soundEvents(rig, hash)).at(-1)).toMatchObject({ name: 'SoundFreed', data: freed }),
  );
});
