/** A file that a newer run has written, but not yet noted, is not held against the run before it. */
import { expect, test } from 'vitest';
import { paidFor, setOf, soundOfItem } from './told.ts';
import { openTold } from './world.ts';

test('a file whose newer run has no outcome for it yet is not judged, and is judged once it has one', async () => {
  await using world = await openTold();
  const { log, store, output } = world;
  const phrases = ['Welcome!', 'This is the hall.', 'Welcome.', 'Mind the step.'];
  const again = setOf('tour', '20261122t070000-k3f9q2', phrases, output);
  const [claimed, paid, completed] = [...paidFor(again, 0, store)];
  if (!claimed || !paid || !completed) throw new Error('a payment has three events');
  await log.appendAll([
    again.accepted(),
    ...phrases.map((_, index) => again.requested(index)),
    claimed,
    paid,
  ]);
  await soundOfItem(again.item(0), store).keep();
  await again.deliver(0);
  const codes = async (live: boolean): Promise<string[]> =>
    (await world.verify({ live })).findings
      .map(({ code }) => code)
      .filter((code) => code.startsWith('file-'));
  for (const live of [false, true]) expect(await codes(live)).toEqual([]);
  await log.appendAll([completed]);
  expect(await codes(false)).toEqual([]);
  await output.put('tour/item-0.mp3', Buffer.from('something else'), { contentType: 'audio/mpeg' });
  expect(await codes(false)).toEqual(['file-size']);
});
