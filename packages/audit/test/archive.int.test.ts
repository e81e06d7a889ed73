import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { subjects } from '@setlist/contracts';
import { create, extract } from 'tar';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ArchiveVerdict, exportSet, type Finding, verifyArchive } from '../src/index.ts';
import { paidFor, setOf, soundOfItem } from './told.ts';
import { type History, openTold, openWorld, type Told } from './world.ts';

let world: Told;
let history: History;
let file: string;
beforeAll(async () => {
  world = await openTold();
  ({ history } = world);
  file = join(world.folder, 'tour.tar.gz');
});
afterAll(() => world[Symbol.asyncDispose]());

async function checked(path: string, head?: string): Promise<ArchiveVerdict & { findings: Finding[] }> {
  const findings: Finding[] = [];
  const verdict = await verifyArchive(path, { head, onFinding: (finding) => void findings.push(finding) });
  return { ...verdict, findings };
}

/** Packs the archive again after editing its files. */
async function tampered(edit: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(world.folder, 'tampered');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await extract({ file, cwd: folder });
  await edit(join(folder, history.tour.id));
  const path = join(world.folder, 'tampered.tar.gz');
  await create({ gzip: true, file: path, cwd: folder }, [history.tour.id]);
  return path;
}

describe('an exported set', () => {
  test('has everything of the set, and can be checked on its own', async () => {
    const { log, store, output } = world;
    const exported = await exportSet(history.tour.id, file, {
      log,
      store,
      outputAt: () => output,
      now: new Date(),
    });
    expect(exported).toMatchObject({ audioFiles: 4, missing: [] });
    await cp(file, join(world.folder, 'elsewhere.tar.gz'));
    const verdict = await checked(join(world.folder, 'elsewhere.tar.gz'), exported.chain.head);
    expect(verdict).toMatchObject({
      findings: [],
      state: 'completed',
      audioFiles: 4,
      events: exported.events,
    });
    expect(verdict.chain).toEqual(exported.chain);
  });

  test('has the files that its README names, and the events of the log byte for byte', async () => {
    const folder = join(world.folder, 'unpacked');
    await mkdir(folder);
    await extract({ file, cwd: folder });
    const top = (await readdir(join(folder, history.tour.id))).sort();
    expect(top).toEqual([
      'README.txt',
      'SHA256SUMS',
      'audio',
      'events.ndjson',
      'manifest.json',
      'places.ndjson',
      'set-file.yml',
    ]);
    const read = (name: string) => readFile(join(folder, history.tour.id, name), 'utf8');
    const events = (await read('events.ndjson')).trim().split('\n');
    const places = (await read('places.ndjson')).trim().split('\n');
    for (const [at, line] of places.entries()) {
      const { seq, subject } = JSON.parse(line) as { seq: number; subject: string };
      const record = await world.log.at(seq);
      expect([record?.subject, Buffer.from(record?.raw ?? []).toString()]).toEqual([subject, events[at]]);
    }
  });

  test('recognises the head in the mail about its first round, and no other', async () => {
    const lives = world.log.read({ subjects: [`setlist.events.${history.tour.id}.state`] });
    const heads: string[] = [];
    for await (const { event } of lives)
      if (event?.name === 'SetCompleted') heads.push(event.data.chain.head);
    expect(heads).toHaveLength(2);
    for (const head of heads) expect((await checked(file, head)).findings).toEqual([]);
    const { findings } = await checked(file, 'f'.repeat(64));
    expect(findings.map(({ code }) => code)).toEqual(['head-unknown']);
  });
});

test('an archive of a set that changes during the export is consistent', async () => {
  await using told = await openWorld();
  const { log, store, output, folder } = told;
  const guide = setOf('guide', '20261122t060001-k3f9q2', ['One.', 'Two.'], output);
  const [first, late] = [paidFor(guide, 0, store), paidFor(guide, 1, store)];
  await log.appendAll([
    guide.accepted(),
    guide.requested(0),
    guide.requested(1),
    ...first,
    guide.cancelled(),
  ]);
  for (const index of [0, 1]) await guide.deliver(index);
  await guide.keepFile(store);
  const moving = {
    ...log,
    // Requested once the events have been written.
    async first(subject: string, fromSeq?: number) {
      if (subject === subjects.state(guide.id)) await log.appendAll(late);
      return log.first(subject, fromSeq);
    },
  };
  const path = join(folder, 'guide.tar.gz');
  const options = { log: moving, store, outputAt: () => output, now: new Date() };
  const { events, audioFiles } = await exportSet(guide.id, path, options);
  expect(await checked(path)).toMatchObject({ findings: [], events, audioFiles, state: 'cancelled' });
  expect(audioFiles).toBe(1);
});

test('an archive of a set under way has the payments of all items that it says are completed', async () => {
  const { log, folder, output, store } = world;
  const set = setOf('moving', '20261122t090000-k3f9q2', ['First.', 'Second.'], output);
  await log.appendAll([set.accepted(), set.requested(0), ...paidFor(set, 0, store)]);
  const moving = {
    ...log,
    async *read(selection: Parameters<typeof log.read>[0]) {
      yield* log.read(selection);
      const wereRequests = selection.subjects?.includes(subjects.requested(set.id, '*'));
      if (wereRequests) await log.appendAll([set.requested(1), ...paidFor(set, 1, store)]);
    },
  };
  const path = join(folder, 'moving.tar.gz');
  await set.keepFile(store);
  await exportSet(set.id, path, { log: moving, store, now: new Date() });
  expect((await checked(path)).findings).toEqual([]);
});

/** More events than these tests write. */
const inLongLog = { head: async () => 1_000_000 };

test('a set of few sounds in a long log is exported without reading the whole ledger', async () => {
  const { log, folder } = world;
  const asked: string[] = [];
  const watched = {
    ...log,
    ...inLongLog,
    read: (selection: Parameters<typeof log.read>[0]) => {
      asked.push(...(selection.subjects ?? ['>']));
      return log.read(selection);
    },
  };
  const path = join(folder, 'few.tar.gz');
  const { events } = await exportSet(history.tour.id, path, { log: watched, now: new Date() });
  expect(events).toBe((await checked(file)).events);
  expect(new Set(asked.map((subject) => subject.split('.')[1]))).toEqual(new Set(['events']));
});

test('a set of very many sounds is exported completely; in a long log, they too are looked up', async () => {
  await using large = await openWorld();
  const { log, folder, output, store } = large;
  const phrases = Array.from({ length: 2_001 }, (_, index) => `Phrase ${index}.`);
  const many = setOf('many', '20261122t060000-k3f9q2', phrases, output);
  const another = setOf('another', '20261122t060001-k3f9q2', ['Of another set.'], output);
  await log.appendAll([
    many.accepted(),
    ...phrases.map((_, index) => many.requested(index)),
    soundOfItem(another.item(0), store).claimed(),
    ...phrases.map((_, index) => soundOfItem(many.item(index), store).claimed()),
  ]);
  const path = join(folder, 'many.tar.gz');
  await many.keepFile(store);
  await exportSet(many.id, path, { log, store, now: new Date() });
  expect(await checked(path)).toMatchObject({ findings: [], events: 1 + 2 * phrases.length });
  const first: typeof log.first = async (subject, fromSeq) =>
    subject.startsWith(subjects.sound('')) ? undefined : log.first(subject, fromSeq);
  const found = await exportSet(many.id, path, { log: { ...log, ...inLongLog, first }, now: new Date() });
  expect(found.events, 'none of the events that a look-up finds').toBe(1 + phrases.length);
});

describe('a file that is not a complete archive', () => {
  const cutTo = (share: number) => async () => {
    const bytes = await readFile(file);
    return bytes.subarray(0, Math.floor(share * bytes.length));
  };
  const placesAs = (text: string) => async () =>
    readFile(await tampered((folder) => writeFile(join(folder, 'places.ndjson'), text)));

  test.each([
    ['nothing at all', async () => Buffer.alloc(0)],
    ['a text', async () => Buffer.from('no archive\n'.repeat(200))],
    ...[0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map((share) => [`cut to ${share} of it`, cutTo(share)] as const),
    ['one whose places are no JSON', placesAs('{\n')],
    ['one whose places are no places', placesAs('null\n')],
    [
      'one whose places are of no log',
      placesAs('{"seq":1,"time":"2026-11-22T06:00:00.000Z","subject":"elsewhere.x"}\n'),
    ],
    ['one that has too few places', placesAs('')],
  ] as const)('%s, is a finding and leaves nothing behind', async (_, bytes) => {
    const temporary = join(world.folder, 'temporary');
    await mkdir(temporary, { recursive: true });
    const path = join(world.folder, 'cut.tar.gz');
    await writeFile(path, await bytes());
    vi.stubEnv('TMPDIR', temporary);
    const { findings } = await checked(path).finally(() => vi.unstubAllEnvs());
    expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['archive-damaged']));
    expect(await readdir(temporary)).toEqual([]);
  });

  test('a path that does not exist is an error, not damage', async () => {
    await expect(checked(join(world.folder, 'nowhere.tar.gz'))).rejects.toThrow(/ENOENT/);
  });
});

describe('an archive that was changed', () => {
  const edit = (name: string, change: (text: string) => string) => async (folder: string) => {
    const path = join(folder, name);
    await writeFile(path, change(await readFile(path, 'utf8')));
  };

  test.each([
    [
      'an event',
      edit('events.ndjson', (text) => text.replace('Mind the step.', 'Mind the stop.')),
      ['archive-damaged', 'chain-broken'],
    ],
    [
      'the manifest',
      edit('manifest.json', (text) => text.replace('tour', 'toor')),
      ['archive-damaged', 'archive-damaged'],
    ],
    ['the set file', edit('set-file.yml', () => 'other'), ['archive-damaged']],
    [
      'audio',
      edit('audio/tour/item-1.mp3', (text) => text.toUpperCase()),
      ['archive-damaged', 'file-damaged'],
    ],
    ['a file added', (folder: string) => writeFile(join(folder, 'new'), ''), ['archive-damaged']],
    ['a file taken away', (folder: string) => rm(join(folder, 'README.txt')), ['archive-damaged']],
    ['its events taken away', (folder: string) => rm(join(folder, 'events.ndjson')), ['archive-damaged']],
  ] as const)('%s, is found out', async (_, change, codes) => {
    const { findings } = await checked(await tampered(change));
    const found = findings.map(({ code }) => code);
    for (const code of codes) expect(found).toContain(code);
  });
});
