/** Manifests beside the audio, on a real broker, in folders and in a bucket: written once it is time, whatever dies. */
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Manifest, manifestSchema, type SetlistEvent } from '@setlist/contracts';
import { openStore } from '@setlist/storage';
import { eventually, startS3, temporaryFolder } from '@setlist/testkit';
import { describe, expect, test, vi } from 'vitest';
import { manifestCsv, manifestInLog, manifestJson } from '../src/index.ts';
import { eventsOf } from './histories.ts';
import { asked, openWorld, outcomes, type World } from './world.ts';

const WRITING = { MANIFESTS: true } as const;
const run = (n: number): string => `20260105t09000${n}-k3f9q2`;

async function openFolder() {
  const folder = await temporaryFolder();
  const [out, prefix] = [join(folder.path, 'out'), join(folder.path, 'out', 'moby-dick')];
  const json = join(prefix, 'manifest.json');
  return {
    out,
    prefix,
    json,
    uri: pathToFileURL(out).href,
    read: async (): Promise<Manifest> => manifestSchema.parse(JSON.parse(await readFile(json, 'utf8'))),
    bytes: async (): Promise<string[]> =>
      Promise.all(['manifest.json', 'manifest.csv'].map((name) => readFile(join(prefix, name), 'utf8'))),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const joined = async (pieces: AsyncIterable<string>): Promise<string> =>
  (await Array.fromAsync(pieces)).join('');

/** Both files as the log alone gives them. */
async function rebuilt(world: World, setId: string, upToSeq: number): Promise<string[]> {
  const manifest = await manifestInLog(world.log, setId, { upToSeq });
  if (manifest === undefined) throw new Error(`${setId} has not ended`);
  return [
    await joined(manifestJson(manifest.header, manifest.items())),
    await joined(manifestCsv(manifest.items())),
  ];
}

describe('a manifest', () => {
  test('lies beside the audio when its set has ended, and is what the log gives again, byte for byte', async () => {
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

  test('is written anew after a retry, and not by a tracker that only folds again', async () => {
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
    // Written behind everything that was still to be written, had there been anything.
    await eventually(() => stat(join(folder.out, '../other/moby-dick/manifest.json')));
    await expect(stat(folder.prefix)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is written at the next start when no tracker was there, or one was killed, as its set ended', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    const items = 3_000;
    const set = eventsOf(run(1), items, folder.uri);
    const blind = await world.startTracker();
    await world.tell([...asked(set, items), ...outcomes(set, 0, items)]);
    await eventually(async () => (await world.summary(set.id))?.state === 'completed');
    await blind.stop();
    const killed = await world.startTrackerProcess({ MANIFESTS: 'true' });
    // The folder is made when the first bytes come; the broker gives the work to the next one when it has waited.
    await eventually(() => stat(folder.prefix), { everyMs: 1 });
    await killed.kill9();
    await expect(stat(folder.json)).rejects.toMatchObject({ code: 'ENOENT' });
    const last = await world.startTrackerProcess({ MANIFESTS: 'true' });
    await last.waitForLine(/"event":"manifest-written"/);
    const manifest = await folder.read();
    expect(await folder.bytes()).toEqual(await rebuilt(world, set.id, manifest.generatedFromSeq));
  });

  test('of a set that has just ended is written before its tracker has stopped', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    const tracker = await world.startTracker(WRITING);
    const set = eventsOf(run(1), 6, folder.uri);
    await world.tell([...asked(set, 6), ...outcomes(set, 0, 6)]);
    await eventually(async () => (await world.said('SetCompleted', set.id)).length === 1);
    await tracker.stop();
    expect(await folder.read()).toMatchObject({ setId: set.id, counts: { completed: 6 } });
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

  test('takes the place of a later one of its set that an older backup knows nothing of', async () => {
    await using folder = await openFolder();
    const set = eventsOf(run(1), 5, folder.uri);
    const lost = await writtenAfter(asked(eventsOf(run(2), 40), 40));
    const restored = await writtenAfter([]);
    expect(restored).toBeLessThan(lost);

    /** In a log of its own, where other events come first: where its set completed, once its manifest is there. */
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

  test('of the run accepted last holds where two runs write under one prefix', async () => {
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

describe('a store', () => {
  test('that takes nothing holds up neither the fold nor other manifests, and gets its own when it is back', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    await using other = await openFolder();
    await world.startTracker(WRITING);
    // A file where the store's folder should be.
    await writeFile(folder.out, '');
    const [stuck, free] = [eventsOf(run(1), 3, folder.uri), eventsOf(run(2), 3, other.uri)];
    for (const set of [stuck, free]) await world.tell([...asked(set, 3), ...outcomes(set, 0, 3)]);
    await eventually(() => stat(other.json));
    await eventually(async () => (await world.summary(stuck.id))?.state === 'completed');
    await rm(folder.out);
    await mkdir(folder.out);
    await chmod(folder.out, 0o755);
    await eventually(async () => expect(await folder.read()).toMatchObject({ setId: stuck.id }));
  });

  test('may be a bucket, with a manifest larger than one request', async () => {
    await using s3 = await startS3();
    await s3.createBucket('audio');
    for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
    await using world = await openWorld();
    const where = { S3_ENDPOINT: s3.endpoint, S3_REGION: s3.region, S3_FORCE_PATH_STYLE: true };
    await world.startTracker({ ...WRITING, ...where });
    const items = 1_500;
    const set = eventsOf(run(1), items, 's3://audio/out', 'As long as two pages. '.repeat(320));
    await world.tell([...asked(set, items), ...outcomes(set, 0, items)]);
    const store = openStore('s3://audio/out', {
      endpoint: s3.endpoint,
      region: s3.region,
      forcePathStyle: true,
    });
    const text = await eventually(
      async () => Buffer.from(await store.get('moby-dick/manifest.json')).toString(),
      { everyMs: 200 },
    );
    expect(text.length).toBeGreaterThan(9 * 1024 * 1024);
    const manifest = manifestSchema.parse(JSON.parse(text));
    expect([text, Buffer.from(await store.get('moby-dick/manifest.csv')).toString()]).toEqual(
      await rebuilt(world, set.id, manifest.generatedFromSeq),
    );
  });
});
