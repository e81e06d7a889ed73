/** Two trackers that write the manifests of two runs to the same place at once. */
import { manifestKeys, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { type LoggedManifest, manifestCsv, manifestInLog } from '@setlist/sets';
import { folderObjectStore } from '@setlist/storage';
import { eventsOf, eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { type PlaceManifestOptions, placeManifest } from '../src/place-manifest.ts';
import { openFolder, run } from './manifest-folder.ts';
import { asked, openWorld, outcomes } from './world.ts';

test('a tracker that finishes an earlier run’s manifest last still leaves the later run’s there', async () => {
  await using place = await openPlace();
  const { slow, begun, goOn } = held(place.earlier);
  const first = placeManifest(place.options(), slow);
  await begun;
  await placeManifest(place.options(), place.later);
  expect(await place.read()).toMatchObject({ setId: place.later.header.setId });
  goOn();
  await first;
  expect(await place.read()).toMatchObject({ setId: place.later.header.setId });
});

test('if it loses the broker before that, the tracker that takes over restores the later run’s', async () => {
  await using place = await openPlace();
  const { slow, begun, goOn } = held(place.earlier);
  const own = await openEventLog({ servers: place.servers, name: 'the first' });
  const first = placeManifest(place.options(own), slow);
  await begun;
  await placeManifest(place.options(), place.later);
  await own[Symbol.asyncDispose]();
  goOn();
  await expect(first).rejects.toThrow();
  expect(await place.read()).toMatchObject({ setId: place.earlier.header.setId });
  await placeManifest(place.options(), place.earlier);
  expect(await place.read()).toMatchObject({ setId: place.later.header.setId });
});

test('a dead tracker’s CSV of an earlier run next to a later run’s manifest is fixed by the tracker that takes over', async () => {
  await using place = await openPlace();
  const { earlier, later } = place;
  await placeManifest(place.options(), later);
  const placed = await place.bytes();
  const store = folderObjectStore(place.folder);
  const csv = (await Array.fromAsync(manifestCsv(earlier.items()))).join('');
  await store.put(manifestKeys(earlier.header.prefix).csv, Buffer.from(csv), { contentType: 'text/csv' });
  expect(await place.bytes()).not.toEqual(placed);
  await placeManifest(place.options(), earlier, true);
  expect(await place.bytes()).toEqual(placed);
});

test('a later run’s complete manifest is left as it is', async () => {
  await using place = await openPlace();
  const { earlier, later } = place;
  await placeManifest(place.options(), later);
  const store = folderObjectStore(place.folder);
  store.put = () => Promise.reject(new Error('written again'));
  await placeManifest({ ...place.options(), storeAt: () => store }, earlier, true);
});

test('of two runs in one log, the manifest of the one accepted later wins, even if the clock was set back between them', async () => {
  await using place = await openPlace();
  const { log, earlier, later } = place;
  const ahead = new Date('2100-01-01');
  const clockWasAhead = { ...earlier, header: { ...earlier.header, acceptedAt: ahead.toISOString() } };
  const first: EventLog['first'] = async (subject) => {
    const found = await log.first(subject);
    return found && subject === subjects.state(earlier.header.setId) ? { ...found, time: ahead } : found;
  };
  const options = place.options({ ...log, first });
  for (const manifest of [clockWasAhead, later, clockWasAhead]) await placeManifest(options, manifest);
  expect(await place.read()).toMatchObject({ setId: later.header.setId });
});

/** Two ended runs, and the folder that the manifests of both belong in. */
async function openPlace() {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await openWorld());
  const folder = stack.use(await openFolder());
  await world.startTracker();
  // With as many items, both would have the same CSV if they ended within the same millisecond.
  const runs = [1, 2].map((count) => eventsOf(run(count), count, folder.uri));
  for (const [at, set] of runs.entries())
    await world.tell([...asked(set, at + 1), ...outcomes(set, 0, at + 1)]);
  const [earlier, later] = await Promise.all(
    runs.map(({ id }) => eventually(async () => (await manifestInLog(world.log, id)) ?? null)),
  );
  if (!earlier || !later) throw new Error('two manifests');
  const logger = createLogger({ service: 'tracker', level: 'silent' });
  const open = stack.move();
  return {
    log: world.log,
    earlier,
    later,
    servers: world.nats.url,
    read: folder.read,
    bytes: folder.bytes,
    folder: folder.out,
    options: (log: EventLog = world.log): PlaceManifestOptions => ({
      log,
      logger,
      storeAt: () => folderObjectStore(folder.out),
    }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** A manifest whose writing starts, then waits for `goOn`. */
function held(manifest: LoggedManifest) {
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow: LoggedManifest = {
    ...manifest,
    async *items() {
      begun.resolve();
      await goOn.promise;
      yield* manifest.items();
    },
  };
  return { slow, begun: begun.promise, goOn: goOn.resolve };
}
