import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, extract } from 'tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ArchiveVerdict, exportSet, type Finding, verifyArchive } from '../src/index.ts';
import { type History, openWorld, tellHistory, type World } from './world.ts';

let world: World;
let history: History;
let file: string;
beforeAll(async () => {
  world = await openWorld();
  history = await tellHistory(world);
  await world.store.put('sets/tour.yml', Buffer.from('tour'), { contentType: 'application/yaml' });
  file = join(world.folder, 'tour.tar.gz');
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function checked(path: string, head?: string): Promise<ArchiveVerdict & { findings: Finding[] }> {
  const findings: Finding[] = [];
  const verdict = await verifyArchive(path, { head, onFinding: (finding) => void findings.push(finding) });
  return { ...verdict, findings };
}

/** Packs the archive again after something was done to its files. */
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
  test('holds everything of it, and is checked with nothing else', async () => {
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

  test('has the files that its README tells of, and its events are those of the log byte for byte', async () => {
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

  test('knows the head of the mail that told of its first round, and no other', async () => {
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
      ['archive-damaged', 'manifest-differs'],
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
