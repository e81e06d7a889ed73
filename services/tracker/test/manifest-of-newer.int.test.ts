/** During a rolling upgrade of trackers, what only the newer ones can read is left to them. */
import { MANIFESTS_DURABLE, type SetlistEvent } from '@setlist/contracts';
import { eventsOf, eventually, type SetEvents } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { openFolder, run, WRITING } from './manifest-folder.ts';
import { asked, openWorld, outcomes } from './world.ts';

test.each<[string, (set: SetEvents) => SetlistEvent[], (set: SetEvents) => SetlistEvent]>([
  ['ended', (set) => [set.accepted()], (set) => set.setCompleted()],
  ['accepted', () => [], (set) => set.accepted()],
])(
  'the manifest of a set that a newer version %s is left to a tracker of that version',
  async (_, before, newer) => {
    await using world = await openWorld();
    await using folder = await openFolder();
    const tracker = await world.startTracker(WRITING);
    const [set, other] = [eventsOf(run(1), 2, `${folder.uri}/newer`), eventsOf(run(2), 2, folder.uri)];
    await world.tell(before(set));
    await world.tellUnreadable(newer(set));
    await world.tell([set.setCompleted(2), ...asked(other, 2), ...outcomes(other, 0, 2)]);
    await eventually(async () => expect(await folder.read()).toMatchObject({ setId: other.id }));
    await tracker.stop();
    const finishedTo = () => world.log.unfinishedAfter(MANIFESTS_DURABLE);
    await eventually(async () => expect(await finishedTo()).toBe(before(set).length));
  },
);
