/** Manifests next to the audio, on a real broker, in folders: when one is written, and which of two stays. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFESTS_DURABLE, type SetlistEvent } from '@setlist/contracts';
import { eventsOf, eventually } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { openFolder, rebuilt, run, WRITING } from './manifest-folder.ts';
import { asked, openWorld, outcomes } from './world.ts';

describe('a manifest', () => {
  test('is next to the audio when its set has ended, and can be rebuilt from the log, byte for byte', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    await world.startTracker(WRITING);
    const set = eventsOf(run(1), 1200, folder.uri);
    await world.tell([...asked(set, 1200), ...outcomes(set, 0, 1200)]);
    await eventually(() => stat(folder.json));
    const manifest = await folder.read();
    const [said] = await world.said('SetCompleted', set.id);
    expect(manifest).toMatchObject({
      setId: set.id,
      state: 'completed',
      counts: { total: 1200, completed: 1080, failed: 120 },
      costUsd: said?.data.costUsd,
      chain: said?.data.chain,
      generatedFromSeq: said?.record.seq,
    });
    expect(manifest.items.map(({ index }) => index)).toEqual(
      Array.from({ length: 1200 }, (_, index) => index),
    );
    await world.tell([set.notified()]);
    expect(await folder.bytes()).toEqual(await rebuilt(world, set.id, manifest.generatedFromSeq));
    expect((await readdir(folder.prefix)).sort()).toEqual(['manifest.csv', 'manifest.json']);
  });

  test('is written again after a retry, but not by a tracker that only rebuilds projections', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    const tracker = await world.startTracker(WRITING);
    const set = eventsOf(run(1), 20, folder.uri);
    await world.tell([...asked(set, 20), ...outcomes(set, 0, 20)]);
    await eventually(async () => expect(await folder.read()).toMatchObject({ round: 1 }));
    await eventually(async () => (await world.summary(set.id))?.state === 'completed');
    const failed = (await folder.read()).items
      .filter(({ state }) => state === 'failed')
      .map(({ index }) => index);
    expect(failed).toEqual([9, 19]);
    await world.tell([set.retried(2, 2), ...failed.map((index) => set.requested(index, 2))]);
    await world.tell(failed.map((index) => set.completed(index, 'paid', 2)));
    await eventually(async () => expect(await folder.read()).toMatchObject({ round: 2 }));
    const manifest = await folder.read();
    expect(manifest.items.filter(({ attempts }) => attempts === 2).map(({ index }) => index)).toEqual([
      9, 19,
    ]);
    expect(await folder.bytes()).toEqual(await rebuilt(world, set.id, manifest.generatedFromSeq));

    await world.settledProjections();
    await tracker.stop();
    await rm(folder.prefix, { recursive: true });
    await world.deleteProjections();
    await world.startTracker(WRITING);
    await world.settledProjections();
    const other = eventsOf(run(2), 1, folder.uri.replace(/out$/, 'other'));
    await world.tell([...asked(other, 1), other.completed(0)]);
    // Written after any other manifest that was due.
    await eventually(() => stat(join(folder.out, '../other/moby-dick/manifest.json')));
    await expect(stat(folder.prefix)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('of a set that has just ended is written before the tracker has stopped', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    const tracker = await world.startTracker(WRITING);
    const set = eventsOf(run(1), 6, folder.uri);
    await world.tell([...asked(set, 6), ...outcomes(set, 0, 6)]);
    await eventually(async () => (await world.said('SetCompleted', set.id)).length === 1);
    await tracker.stop();
    expect(await folder.read()).toMatchObject({ setId: set.id, counts: { completed: 6 } });
  });

  test('of a cancelled set includes later outcomes when the tracker stops', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    const tracker = await world.startTracker(WRITING);
    const set = eventsOf(run(1), 5, folder.uri);
    await world.tell([...asked(set, 5), set.completed(0), set.cancelled()]);
    await eventually(async () => expect(await folder.read()).toMatchObject({ counts: { completed: 1 } }));
    await world.tell([set.completed(1), set.completed(2)]);
    await tracker.stop();
    expect(await folder.read()).toMatchObject({ state: 'cancelled', counts: { total: 5, completed: 3 } });
  });

  test('is not waited for by a tracker that stops when none is due', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    const writing = await world.startTracker(WRITING);
    const [open, ended] = [eventsOf(run(1), 2, `${folder.uri}/1`), eventsOf(run(2), 2, `${folder.uri}/2`)];
    // For a day, the manifest of a cancelled set may change.
    await world.tell([...asked(open, 2), open.cancelled(), ...asked(ended, 2), ...outcomes(ended, 0, 2)]);
    for (const place of ['1', '2'])
      await eventually(() => stat(join(folder.out, place, 'moby-dick', 'manifest.json')));
    await writing.stop();
    const idle = await world.startTracker(WRITING, { stopWithinMs: 3_600_000 });
    await world.tell([open.completed(0)]);
    await eventually(async () => (await world.summary(open.id))?.counts.completed === 1);
    await idle.stop();
  });

  test('of a cancelled set is written at once', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    await world.startTracker(WRITING);
    const set = eventsOf(run(1), 5, folder.uri);
    await world.tell([...asked(set, 5), set.completed(0), set.cancelled()]);
    await eventually(() => stat(folder.json));
    expect(await folder.read()).toMatchObject({ state: 'cancelled', counts: { total: 5, completed: 1 } });
  });

  test('replaces a later one of its set that is not in the restored older backup', async () => {
    await using folder = await openFolder();
    const set = eventsOf(run(1), 5, folder.uri);
    const lost = await writtenAfter(asked(eventsOf(run(2), 40), 40));
    const restored = await writtenAfter([]);
    expect(restored).toBeLessThan(lost);

    /** Runs the set in a new log, after other events. @returns its completion's sequence, once its manifest is there */
    async function writtenAfter(others: Iterable<SetlistEvent>): Promise<number> {
      await using world = await openWorld();
      await world.startTracker(WRITING);
      await world.tell([...others, ...asked(set, 5), ...outcomes(set, 0, 5)]);
      return await eventually(async () => {
        const [said] = await world.said('SetCompleted', set.id);
        const { generatedFromSeq } = await folder.read();
        return generatedFromSeq === said?.record.seq && generatedFromSeq;
      });
    }
  });

  test('is not waited for while no tracker writes manifests, and is written once one does again', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    const [before, since] = [eventsOf(run(1), 2, folder.uri), eventsOf(run(2), 2, folder.uri)];
    const isAwaited = async () => (await world.log.unfinishedAfter(MANIFESTS_DURABLE)) !== undefined;
    const writing = await world.startTracker(WRITING);
    await world.tell([...asked(before, 2), ...outcomes(before, 0, 2)]);
    await eventually(() => stat(folder.json));
    await writing.stop();
    await world.tell([...asked(since, 2), ...outcomes(since, 0, 2)]);
    expect(await isAwaited()).toBe(true);
    const other = await world.startTracker({ STALL_AFTER: 2_000 });
    await eventually(async () => expect(await isAwaited()).toBe(false));
    await other.stop();
    await world.startTracker(WRITING);
    await eventually(async () => expect(await folder.read()).toMatchObject({ setId: since.id }));
  });

  test('is the same from two trackers', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    await Promise.all([world.startTracker(WRITING), world.startTracker(WRITING)]);
    const sets = [1, 2, 3].map((n) => eventsOf(run(n), 50, `${folder.uri}/${n}`));
    for (const set of sets) await world.tell([...asked(set, 50), ...outcomes(set, 0, 50)]);
    for (const [index, set] of sets.entries()) {
      const path = join(folder.out, String(index + 1), 'moby-dick', 'manifest.json');
      const text = await eventually(() => readFile(path, 'utf8'));
      const { generatedFromSeq } = JSON.parse(text);
      expect([text]).toEqual((await rebuilt(world, set.id, generatedFromSeq)).slice(0, 1));
    }
  });

  test('of the run accepted last wins if two runs write under one prefix', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    await world.startTracker(WRITING);
    const [first, second] = [eventsOf(run(1), 2, folder.uri), eventsOf(run(2), 2, folder.uri)];
    await world.tell([...asked(first, 2), ...asked(second, 2), second.completed(0), second.completed(1)]);
    await eventually(async () => expect(await folder.read()).toMatchObject({ setId: second.id }));
    const after = eventsOf(run(3), 1, `${folder.uri}/after`);
    await world.tell([first.completed(0), first.completed(1), ...asked(after, 1), after.completed(0)]);
    await eventually(() => stat(join(folder.out, 'after', 'moby-dick', 'manifest.json')));
    expect((await folder.read()).setId).toBe(second.id);
  });
});
