/** Commands whose asker soon stops waiting, since their set took too long to read. */
import type { EventName, SetlistEvent, Verb } from '@setlist/contracts';
import { answerTimeoutMs, type EventLog } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { expect, test, vi } from 'vitest';
import { answerCommands } from '../src/on-command.ts';
import { eventsOfRun, tell } from './tell.ts';
import { asked, openWorld, outcomes, type World } from './world.ts';

const ITEMS = 40;
const set = eventsOfRun(1, ITEMS);

/** Answers commands; once such an event is read, the time in which a command is answered has passed. */
function answeringLate({ log }: World, once: EventName, verb: Verb): AsyncDisposable {
  let lateByMs = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + lateByMs);
  const read: EventLog['read'] = async function* (selection) {
    for await (const record of log.read(selection)) {
      if (record.event?.name === once) lateByMs = answerTimeoutMs(verb);
      yield record;
    }
  };
  const logger = createLogger({ service: 'tracker', level: 'silent' });
  const options = { log: { ...log, read }, logger, triedForMs: 5_000, seenWithinMs: 0 };
  const answering = answerCommands(options);
  return {
    [Symbol.asyncDispose]: async () => {
      clock.mockRestore();
      expect(lateByMs).toBeGreaterThan(0);
      await answering[Symbol.asyncDispose]();
    },
  };
}

const completed = (): SetlistEvent[] => [
  ...asked(set, ITEMS),
  ...outcomes(set, 0, ITEMS),
  set.setCompleted(),
];

test.each([
  ['retry', completed, 'ItemFailed', 'SetRetried'],
  ['resume', () => [...asked(set, ITEMS), set.paused()], 'SetPaused', 'SetResumed'],
  ['pause', () => asked(set, ITEMS), 'SetAccepted', 'SetPaused'],
] as const)('a late %s is not carried out any more', async (verb, before, once, did) => {
  await using world = await openWorld();
  await world.tell(before());
  await using _ = answeringLate(world, once, verb);
  expect(await tell(world, verb, set.id, {})).toMatchObject({ ok: false, code: 'took-too-long' });
  expect(await world.said(did, set.id)).toEqual([]);
});

test('a late cancel is carried out, since otherwise the set would go on being paid for', async () => {
  await using world = await openWorld();
  await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, 20)]);
  await using _ = answeringLate(world, 'ItemCompleted', 'cancel');
  expect(await tell(world, 'cancel', set.id, {})).toMatchObject({ ok: true, did: 'SetCancelled' });
  const [said] = await world.said('SetCancelled', set.id);
  expect(said?.data.counts).toMatchObject({ total: ITEMS, completed: 18, failed: 2 });
});
