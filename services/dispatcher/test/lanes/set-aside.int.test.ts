/** Unexpected errors, such as a bug of ours: the item that meets them ends with the reason, and holds up no others. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settled } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases } from '../world/sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterAll(() => rig[Symbol.asyncDispose]());

test('an item that meets a bug is tried five times in all, then fails with the reason, and the others complete', async () => {
  const BROKEN = 1;
  let errors = 0;
  const append: Rig['log']['append'] = async (event, expected) => {
    if (event.name !== 'SoundClaimed' || event.data.for.index !== BROKEN)
      return rig.log.append(event, expected);
    errors++;
    throw new TypeError('nobody thought of this');
  };
  await using _ = dispatcherHere({ ...rig, log: { ...rig.log, append } });
  const outcomes = await settled(rig, await ask(rig, phrases(3, 'Mostly harmless'), 'with-a-bug'), 3);
  const failed = outcomes.filter(({ name }) => name === 'ItemFailed');
  expect(failed.map(({ data }) => data)).toEqual([
    expect.objectContaining({
      index: BROKEN,
      code: 'internal-error',
      message: 'TypeError: nobody thought of this',
      remedy: expect.stringContaining('report it'),
    }),
  ]);
  expect(errors).toBe(5);
});

test('a failure that could not be recorded is recorded when the item is delivered again', async () => {
  let reports = 0;
  const append: Rig['log']['append'] = async (event, expected) => {
    const isFirst = event.name === 'ItemFailed' && reports++ === 0;
    if (event.name === 'SoundClaimed' || isFirst) throw new TypeError('nobody thought of this either');
    return rig.log.append(event, expected);
  };
  await using _ = dispatcherHere({ ...rig, log: { ...rig.log, append } });
  const [failed] = await settled(rig, await ask(rig, phrases(1, 'Twice broken'), 'with-two-bugs'), 1);
  expect(failed?.data).toMatchObject({ code: 'internal-error' });
  expect(reports).toBe(2);
});
