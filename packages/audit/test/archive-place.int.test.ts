/** What an export leaves beside its place, however it ends and whatever other exports run. */
import fs, { readlinkSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exportSet, formerArchive, verifyArchive } from '../src/index.ts';
import { type History, openTold, type Told } from './world.ts';

let world: Told;
let history: History;
beforeAll(async () => {
  world = await openTold();
  ({ history } = world);
});
afterAll(() => world[Symbol.asyncDispose]());

test('a stopped export leaves nothing behind, and removes what a killed one has left', async () => {
  const { log, folder } = world;
  const path = join(folder, 'stopped', 'tour.tar.gz');
  await leave(`${path}.part-killed`);
  const stopping = new AbortController();
  const read = (selection: Parameters<typeof log.read>[0]) => {
    stopping.abort(new Error('Ctrl-C'));
    return log.read(selection);
  };
  const options = { log: { ...log, read }, now: new Date(), signal: stopping.signal };
  await expect(exportSet(history.tour.id, path, options)).rejects.toThrow('Ctrl-C');
  expect(await readdir(dirname(path))).toEqual([]);
  await leave(`${path}.part-killed`);
  await exportSet(history.tour.id, path, { log, now: new Date() });
  expect(await readdir(dirname(path))).toEqual(['tour.tar.gz']);
});

/** What an export killed two days ago left there. */
async function leave(path: string): Promise<void> {
  await mkdir(join(path, 'half'), { recursive: true });
  const then = Date.now() / 1_000 - 2 * 86_400;
  await utimes(path, then, then);
}

test('two concurrent exports of one set to one place both complete', async () => {
  const { log, folder, store, output } = world;
  const path = join(folder, 'twice', 'tour.tar.gz');
  const options = { log, store, outputAt: () => output, now: new Date() };
  const both = await Promise.all([1, 2].map(() => exportSet(history.tour.id, path, options)));
  expect(both.map(({ audioFiles }) => audioFiles)).toEqual([4, 4]);
  expect(await readdir(dirname(path))).toEqual(['tour.tar.gz']);
  const findings: unknown[] = [];
  await verifyArchive(path, { onFinding: (finding) => void findings.push(finding) });
  expect(findings).toEqual([]);
});

test('an export to a full disk ends with that error, whichever of its files met it first', async () => {
  const { log, folder } = world;
  const path = join(folder, 'full', 'tour.tar.gz');
  const { write } = fs;
  using _ = vi.spyOn(fs, 'write').mockImplementation(((fd: number, ...rest: unknown[]) => {
    if (!readlinkSync(`/proc/self/fd/${fd}`).endsWith('/places.ndjson'))
      return Reflect.apply(write, fs, [fd, ...rest]);
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    process.nextTick(rest.at(-1) as (error: Error) => void, full);
  }) as typeof write);
  const read = (selection: Selection) => slowly(log.read(selection));
  await expect(exportSet(history.tour.id, path, { log: { ...log, read }, now: new Date() })).rejects.toThrow(
    'no space',
  );
  expect(await readdir(dirname(path))).toEqual([]);
});

test('an export of a set that is not in the log makes no folder', async () => {
  const { log, folder } = world;
  const path = join(folder, 'mistyped', 'nothing.tar.gz');
  const made = exportSet('nothing-20261122t060000-k3f9q2', path, { log, now: new Date() });
  await expect(made).rejects.toMatchObject({ code: 'export-failed' });
  expect(await readdir(folder)).not.toContain('mistyped');
});

test('an export overwrites an archive of the same or fewer events, and nothing else', async () => {
  const { log, folder } = world;
  const path = join(folder, 'anew', 'tour.tar.gz');
  const way = { log, setId: history.tour.id };
  const nothing = { audioFiles: 0, hasSetFile: false };
  expect(await formerArchive(path, way), 'nothing is there').toEqual(nothing);
  // The log at an earlier moment of the set.
  const fewer = { ...log, read: (selection: Selection) => upTo(12, log.read(selection)) };
  await exportSet(way.setId, path, { log: fewer, now: new Date() });
  expect(await formerArchive(path, way)).toEqual(nothing);
  await exportSet(way.setId, path, { log, now: new Date() });
  expect(await formerArchive(path, way)).toEqual(nothing);
  expect(await formerArchive(path, { ...way, log: fewer }), 'the log has less').toBeUndefined();
  expect(await formerArchive(path, { ...way, setId: history.guide.id })).toBeUndefined();
  await writeFile(path, 'no archive');
  expect(await formerArchive(path, way)).toBeUndefined();
});

test('an export does not overwrite an archive that has more audio, or a set file that it lacks', async () => {
  const { log, folder, store, output } = world;
  const path = join(folder, 'heard', 'tour.tar.gz');
  const { id } = history.tour;
  const options = { log, store, outputAt: () => output, now: new Date() };
  await exportSet(id, path, options);
  const least = await formerArchive(path, { log, setId: id });
  expect(least).toEqual({ audioFiles: 4, hasSetFile: true });
  const silent = exportSet(id, path, { log, store, now: new Date(), least });
  await expect(silent).rejects.toMatchObject({ code: 'export-failed' });
  const goneSince = exportSet(id, path, {
    ...options,
    store: undefined,
    outputAt: () => store,
    least,
  });
  await expect(goneSince).rejects.toMatchObject({ code: 'export-failed' });
  const withoutSetFile = exportSet(id, path, { ...options, store: undefined, least });
  await expect(withoutSetFile).rejects.toMatchObject({ code: 'export-failed' });
  expect(await formerArchive(path, { log, setId: id })).toEqual(least);
  expect(await exportSet(id, path, { ...options, least })).toMatchObject({ audioFiles: 4 });
});

type Selection = Parameters<Told['log']['read']>[0];

async function* upTo(seq: number, records: ReturnType<Told['log']['read']>): typeof records {
  for await (const record of records) if (record.seq <= seq) yield record;
}

/** The broker's next record comes only after the previous one has been written. */
async function* slowly(records: ReturnType<Told['log']['read']>): typeof records {
  for await (const record of records) {
    yield record;
    for (let turns = 0; turns < 10; turns++) await setImmediate();
  }
}
