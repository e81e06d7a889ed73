/** A power cut of the broker that takes the end of the log while ingest requests a set. */
import { type SetlistEvent, subjects } from '@setlist/contracts';
import { eventually, keptLog } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { withMethod } from './bucket-world.ts';
import { acceptedId, recordsOn, setOf, startWorld, upTo, type World } from './world.ts';

const ITEMS = 300;
/** A multiple of 64: so many are published together. */
const GATES = [64, 192];

/** The world's log, in which requests stop at each gate until it is opened. */
function gated(world: World) {
  const gates = new Map(GATES.map((at) => [at, Promise.withResolvers<void>()]));
  async function* held(events: AsyncIterable<SetlistEvent>): AsyncGenerator<SetlistEvent> {
    let at = 0;
    for await (const event of events) {
      await gates.get(at++)?.promise;
      yield event;
    }
  }
  const log = withMethod(world.log, 'appendAll', (events, after) =>
    world.log.appendAll(held(events as AsyncIterable<SetlistEvent>), after),
  );
  return { log, open: (at: number) => gates.get(at)?.resolve() };
}

const untilRequested = (world: World, items: number): Promise<void> =>
  eventually(async () => {
    expect(await world.requested(await acceptedId(world))).toHaveLength(items);
  });

async function untilMade(world: World): Promise<void> {
  await eventually(async () => expect(await world.files('done')).toEqual(['large.yml']));
  expect(await world.lives()).toHaveLength(1);
  expect((await world.requested(await acceptedId(world))).sort((a, b) => a - b)).toEqual(upTo(ITEMS));
  const [first] = await recordsOn(world.log, subjects.ofSet(await acceptedId(world)));
  expect(first?.event?.name).toBe('SetAccepted');
}

test('requests that the log has lost are made again', async () => {
  await using world = await startWorld();
  const { log, open } = gated(world);
  await using _ingest = await world.ingest({}, log);
  await world.moveIn('large.yml', setOf('large', ITEMS));
  await untilRequested(world, 64);
  const loseEnd = await keptLog(world.nats);
  open(64);
  await untilRequested(world, 192);
  await loseEnd();
  open(192);
  await untilMade(world);
});

test('a set whose acceptance the log has lost is accepted again', async () => {
  await using world = await startWorld();
  const { log, open } = gated(world);
  await using _ingest = await world.ingest({}, log);
  const loseEnd = await keptLog(world.nats);
  await world.moveIn('large.yml', setOf('large', ITEMS));
  await untilRequested(world, 64);
  await loseEnd();
  GATES.forEach(open);
  await untilMade(world);
});
