/** Archives made to harm the machine that checks them. */
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create, extract, Header } from 'tar';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exportSet, type Finding, verifyArchive } from '../src/index.ts';
import { type History, openWorld, tellHistory, type World } from './world.ts';

let world: World;
let history: History;
let file: string;
beforeAll(async () => {
  world = await openWorld();
  history = await tellHistory(world);
  file = join(world.folder, 'tour.tar.gz');
  const { log, store, output } = world;
  await exportSet(history.tour.id, file, { log, store, outputAt: () => output, now: new Date() });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** The findings in the archive after its files were changed. */
async function findingsAfter(edit: (folder: string) => Promise<unknown>): Promise<Finding[]> {
  const folder = await mkdtemp(join(world.folder, 'hostile-'));
  await extract({ file, cwd: folder });
  await edit(join(folder, history.tour.id));
  const path = `${folder}.tar.gz`;
  await create({ gzip: true, file: path, cwd: folder }, [history.tour.id]);
  const findings: Finding[] = [];
  await verifyArchive(path, { onFinding: (finding) => void findings.push(finding) });
  return findings;
}

const damage = (what: RegExp) =>
  expect.objectContaining({ code: 'archive-damaged', what: expect.stringMatching(what) });

test('a file outside the archive is not read, even if its events name it', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'setlist-outside-'));
  try {
    await writeFile(join(outside, 'theirs'), 'private');
    const name = `../../../${basename(outside)}/theirs`;
    const findings = await findingsAfter(async (folder) => {
      const events = join(folder, 'events.ndjson');
      const text = await readFile(events, 'utf8');
      await writeFile(events, text.replaceAll('"file":"tour/item-1.mp3"', `"file":"${name}"`));
    });
    expect(findings).toContainEqual(damage(/contains "\.\."/));
    expect(findings.map(({ code }) => code)).not.toContain('file-size');
  } finally {
    await rm(outside, { recursive: true });
  }
});

test('folders in the place of files count as missing files', async () => {
  const findings = await findingsAfter(async (folder) => {
    for (const name of ['manifest.json', 'audio/tour/item-1.mp3']) {
      await rm(join(folder, name));
      await mkdir(join(folder, name));
    }
  });
  expect(findings).toContainEqual(damage(/its manifest is missing/));
  expect(findings.map(({ code }) => code)).toContain('file-left-out');
});

test('a line without an end is not read into memory', async () => {
  const findings = await findingsAfter((folder) =>
    writeFile(join(folder, 'events.ndjson'), randomBytes(1_500_000).toString('hex')),
  );
  expect(findings).toContainEqual(damage(/longer than any event/));
});

test('more items than a set can have are a finding, and take no memory', async () => {
  const findings = await findingsAfter(async (folder) => {
    const events = join(folder, 'events.ndjson');
    const text = await readFile(events, 'utf8');
    const far = 4_000_000_000;
    const counted = text.replaceAll(/"itemCount":\d+/g, `"itemCount":${2 * far}`);
    await writeFile(events, counted.replaceAll('"index":1,', `"index":${far},`));
  });
  expect(findings.map(({ code }) => code)).toContain('request-outside-set');
  expect(findings).toContainEqual(damage(/more than a set can have/));
});

test('an archive that would fill the disk is not unpacked', async () => {
  const path = join(world.folder, 'bomb.tar.gz');
  const header = new Header({ path: 'tour/README.txt', size: 1_100_000_000, type: 'File', mode: 0o644 });
  header.encode();
  await writeFile(path, gzipSync(header.block ?? ''));
  const findings: Finding[] = [];
  await verifyArchive(path, { onFinding: (finding) => void findings.push(finding) });
  expect(findings).toEqual([damage(/^unpacked, it would be larger than/)]);
});

test('an archive of mostly silence is unpacked, although it is a thousandth of its content', async () => {
  const findings = await findingsAfter(async (folder) => {
    const block = Buffer.concat([randomBytes(16), Buffer.alloc(20_000)]);
    await writeFile(join(folder, 'README.txt'), Buffer.concat(Array.from({ length: 2_000 }, () => block)));
  });
  expect(findings).toEqual([damage(/README\.txt|checksum/i)]);
});

/** An entry of an archive that names another owner than root. */
function theirs(path: string, mode: number, content = ''): Buffer {
  const type = path.endsWith('/') ? 'Directory' : 'File';
  const header = new Header({ path, type, mode, size: content.length, uid: 4_321, gid: 4_321 });
  header.encode();
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  body.write(content);
  return Buffer.concat([header.block ?? Buffer.alloc(0), body]);
}

// Only root can give files away.
test('what is unpacked belongs to whoever checks the archive, and gets none of the rights that it names', async () => {
  const temporary = await mkdtemp(join(world.folder, 'temporary-'));
  const entries = [
    theirs('./', 0o777),
    theirs('tour/', 0o1777),
    theirs('tour/audio/', 0o2777),
    theirs('tour/run-me', 0o6755, '#!/bin/sh'),
  ];
  const path = join(world.folder, 'theirs.tar.gz');
  await writeFile(path, gzipSync(Buffer.concat([...entries, Buffer.alloc(1_024)])));
  const seen = new Map<string, { uid: number; rights: number }>();
  const look = (): void => {
    for (const name of readdirSync(temporary, { encoding: 'utf8', recursive: true })) {
      const { uid, mode } = statSync(join(temporary, name));
      seen.set(name.replace(/^[^/]+/, '.'), { uid, rights: mode & 0o7777 });
    }
  };
  vi.stubEnv('TMPDIR', temporary);
  await verifyArchive(path, { onFinding: look }).finally(() => vi.unstubAllEnvs());
  const uid = process.getuid?.();
  expect(Object.fromEntries(seen)).toEqual({
    '.': { uid, rights: 0o700 },
    './tour': { uid, rights: 0o700 },
    './tour/audio': { uid, rights: 0o700 },
    './tour/run-me': { uid, rights: 0o600 },
  });
});
