/** What remains after a crash of ingest, at any moment. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dropOf, type OpensSetFiles, openSetFile } from '@setlist/admission';
import { runId, type SetlistEvent, setId, subjects } from '@setlist/contracts';
import { createLogger, loadConfig, sleep } from '@setlist/runtime';
import { folderObjectStore } from '@setlist/storage';
import { eventually } from '@setlist/testkit';
import { expect, it, vi } from 'vitest';
import { folderDrop } from '../src/adapters/folder-drop.ts';
import { ingestConfig } from '../src/config.ts';
import { processDrop } from '../src/drop/on-drop.ts';
import { PriorityGate } from '../src/drop/priority-gate.ts';
import { withMethod } from './bucket-world.ts';
import { startStoppingRelay } from './stopping-relay.ts';
import { acceptedId, recordsOn, setOf, startWorld, underWay, untilDone, upTo, type World } from './world.ts';

/** Park and Miller's random numbers: the same moments in every test run. */
function* randoms(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

it('every set is accepted once and requested completely, whenever ingest is killed', async () => {
  await using world = await startWorld();
  const moments = 9;
  const items = 600;
  const random = randoms(20_261_122);
  for (const round of upTo(moments)) {
    await using ingest = await world.process();
    // Every third kill comes while ingest still continues with what earlier kills left.
    if (round % 3 !== 2) await untilDone(world, round);
    await world.moveIn(`set-${round}.yml`, setOf(`set-${round}`, items));
    // Every other kill comes early, during the short steps: claim, read, keep, accept.
    await sleep((random.next().value ?? 0) * (round % 2 === 0 ? 60 : 500));
    await ingest.kill9();
  }
  await using _last = await world.process();
  await untilDone(world, moments);

  expect(await world.files('done')).toEqual(
    upTo(moments)
      .map((round) => `set-${round}.yml`)
      .sort(),
  );
  const lives = await world.lives();
  expect(lives).toHaveLength(moments);
  const ids = new Set(lives.map(({ setId: id = '' }) => id));
  expect(ids.size).toBe(moments);
  for (const id of ids) {
    const requested = await world.requested(id);
    expect(new Set(requested)).toEqual(new Set(upTo(items)));
  }
});

it('ingest killed in the middle of 4,000 items requests the rest, and nothing twice', async () => {
  await using world = await startWorld();
  const items = 4_000;
  await using relay = await startStoppingRelay(world.nats.url);
  const first = await world.process({ NATS_URL: relay.url });
  const id = await underWay(world, items, 1_000);
  await first.kill9();
  const before = await world.log.head();
  expect(before).toBeGreaterThan(1_000);
  expect(before).toBeLessThan(items);

  await using _second = await world.process();
  await eventually(async () => (await world.files('done')).includes('large.yml'));
  const requested = await world.requested(id);
  expect(requested.sort((a, b) => a - b)).toEqual(upTo(items));
  expect(await world.lives()).toHaveLength(1);
});

it('a replica leaves a file alone while another one works on it, however slowly', async () => {
  await using world = await startWorld();
  const goesOn = Promise.withResolvers<void>();
  // It neither requests items nor answers for its files, as if it were suspended, but its leases don't run out.
  const requestsLate = withMethod(world.log, 'appendAll', async (...events) => {
    await goesOn.promise;
    return world.log.appendAll(...events);
  });
  const suspended = withMethod(requestsLate, 'answer', (subject, handle, ...rest) =>
    world.log.answer(subject, (question) => goesOn.promise.then(() => handle(question)), ...rest),
  );
  await using _slow = await world.ingest({}, suspended);
  await world.moveIn('large.yml', setOf('large', 40));
  await acceptedId(world);
  let asked = 0;
  const asks = withMethod(world.log, 'ask', (...question) =>
    world.log.ask(...question).finally(() => asked++),
  );
  await using _other = await world.ingest({}, asks);
  // Asked again, it has left the file alone after the first time.
  await eventually(() => asked > 1);
  expect(world.logged.filter(({ event }) => event === 'items-requested')).toEqual([]);
  goesOn.resolve();
  await untilDone(world, 1);
  const requested = world.logged.filter(({ event }) => event === 'items-requested');
  expect(requested).toMatchObject([{ set: expect.stringContaining('large'), requested: 40 }]);
});

it('a set with gaps between its requests in the log gets exactly the missing ones', async () => {
  await using model = await startWorld();
  const text = setOf('gaps', 400);
  {
    await using _ingest = await model.ingest();
    await model.moveIn('gaps.yml', text);
    await eventually(async () => (await model.files('done')).includes('gaps.yml'));
  }
  const id = await acceptedId(model);
  const events = (await recordsOn(model.log, subjects.ofSet(id))).flatMap(({ event }) => event ?? []);
  const missing = new Set([0, 5, ...upTo(100).map((index) => 200 + index), 398]);
  const left = (event: SetlistEvent): boolean =>
    event.name === 'ItemRequested' && missing.has(event.data.index);
  const run = (await model.lives())[0]?.data.run ?? '';

  await using world = await startWorld();
  await world.log.appendAll(events.filter((event) => !left(event)));
  await leaveClaimed(world, `${run}~gaps.yml`, text);
  await using _ingest = await world.ingest();
  await eventually(async () => (await world.files('done')).includes('gaps.yml'));
  const requested = await world.requested(id);
  expect(requested.sort((a, b) => a - b)).toEqual(upTo(400));
  const resumed = world.logged.find(({ event }) => event === 'items-requested');
  expect(resumed).toMatchObject({ requested: missing.size, thereBefore: 400 - missing.size });
});

it('an accepted set stays as it was accepted, whatever its claimed file holds by now', async () => {
  await using world = await startWorld();
  {
    await using _ingest = await world.ingest();
    await world.moveIn('same.yml', setOf('same', 3));
    await eventually(async () => (await world.files('done')).includes('same.yml'));
  }
  const id = await acceptedId(world);
  const run = (await world.lives())[0]?.data.run ?? '';
  await leaveClaimed(world, `${run}~same.yml`, setOf('same', 7));
  await using _ingest = await world.ingest();
  await eventually(async () => (await world.files('done')).includes(`same.${run}.yml`));
  expect(await world.requested(id)).toEqual([0, 1, 2]);
  expect(await world.lives()).toHaveLength(1);
});

it('a file is closed again although its set’s beginning can’t be read', async () => {
  await using world = await startWorld();
  const run = runId(new Date(), new Uint8Array([1, 2, 3, 4, 5, 6]));
  await leaveClaimed(world, `${run}~open.yml`, setOf('open', 3));
  const drop = dropOf(world.inbox, { run }, 'open.yml');
  const store = folderObjectStore(world.storeFolder);
  const closed = vi.fn();
  const deps = {
    log: withMethod(world.log, 'first', () => Promise.reject(new Error('not now'))),
    store,
    output: store,
    inboxOf: () => undefined,
    logger: createLogger({ service: 'ingest', level: 'silent' }),
    settings: loadConfig(ingestConfig, { INBOX: world.inbox, STORE: world.storeFolder }),
    open: async (...opening: Parameters<OpensSetFiles>) => {
      const file = await openSetFile(...opening);
      return { ...file, [Symbol.asyncDispose]: async () => closed() };
    },
    gate: new PriorityGate(),
    position: () => Promise.reject(new Error('not asked for')),
    signal: new AbortController().signal,
    now: () => new Date(),
  };
  await expect(processDrop(folderDrop(drop), deps)).rejects.toThrow('not now');
  expect(closed).toHaveBeenCalledOnce();
});

it('a refusal holds even if the next start would accept the file', async () => {
  await using world = await startWorld();
  const run = runId(new Date(), new Uint8Array([1, 2, 3, 4, 5, 6]));
  const text = `set:\n  name: long\nitems:\n  - text: "${'word '.repeat(700)}"\n`;
  await leaveClaimed(world, `${run}~long.yml`, text);
  {
    await using _ingest = await world.ingest();
    await eventually(async () => (await world.files('rejected')).length === 3);
  }
  await leaveClaimed(world, `${run}~long.yml`, text);
  await using _ingest = await world.ingest({ TASK_BUCKET: 'tasks' });
  await eventually(async () => (await world.files('rejected')).length === 6);
  expect(await world.lives()).toMatchObject([
    {
      name: 'SetRejected',
      setId: setId('long', run),
      data: { problems: [{ line: 4, column: 5, code: 'needs-task-bucket' }] },
    },
  ]);
});

it('a name that was reserved before a crash, where files can’t be linked, is taken by its file', async () => {
  await using world = await startWorld();
  const entry = `${runId(new Date(), new Uint8Array([1, 2, 3, 4, 5, 6]))}~left.yml`;
  await leaveClaimed(world, entry, setOf('left', 1));
  await mkdir(join(world.inbox, 'done'));
  await writeFile(join(world.inbox, 'done/left.yml'), entry);
  await using _ingest = await world.ingest();
  await eventually(async () =>
    expect(await readFile(join(world.inbox, 'done/left.yml'), 'utf8')).toBe(setOf('left', 1)),
  );
  await untilDone(world, 1);
});

it('the next probe of an inbox removes what a crash left of an earlier one', async () => {
  await using world = await startWorld();
  await leaveClaimed(world, '.probe', '');
  await using _ingest = await world.ingest();
  await eventually(async () => expect(await readdir(join(world.inbox, '.claimed'))).toEqual([]));
  await world.moveIn('after.yml', setOf('after', 1));
  await untilDone(world, 1);
});

/** Leaves a file as a crash does: claimed, but not processed. */
async function leaveClaimed(world: World, entry: string, text: string): Promise<void> {
  await mkdir(join(world.inbox, '.claimed'), { recursive: true });
  await writeFile(join(world.inbox, '.claimed', entry), text);
}
