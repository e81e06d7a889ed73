/** Downloads of a set, and commands that name items: over HTTP, with real folders and the real tracker. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MANIFEST_FILES } from '@setlist/contracts';
import { manifestInLog, putManifest } from '@setlist/sets';
import { folderObjectStore } from '@setlist/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SetOf, seen, sha256Of, startWorld, type World } from '../world.ts';

let world: World;
let set: SetOf;
let api: string;

beforeAll(async () => {
  world = await startWorld();
  set = await new SetOf(world, 'whole', 4).accept();
  await set.complete(0, sha256Of('audio of 0'));
  await set.fail(1);
  await set.complete(2, sha256Of('audio of 2'));
  await set.fail(3);
  for (const index of [0, 2]) await put(`whole/item-${index}.mp3`, `audio of ${index}`);
  api = `${world.url}/api/v1/sets/${set.id}`;
  await seen<{ state?: string }>(api, ({ state }) => state === 'completed');
});
afterAll(async () => world?.[Symbol.asyncDispose]());

async function put(key: string, text: string): Promise<void> {
  const path = join(world.folder, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Writes a manifest as the tracker does. */
async function writeManifest({ id }: SetOf): Promise<void> {
  const manifest = await manifestInLog(world.log, id);
  if (manifest === undefined) throw new Error(`${id} has not ended`);
  await putManifest(folderObjectStore(world.folder), manifest);
}

/** Names and contents of a zip of uncompressed files (APPNOTE.TXT 4.3.12). */
function entriesOf(zip: Buffer): Record<string, string> {
  const entries: Record<string, string> = {};
  const directory = Buffer.from('PK\x01\x02', 'latin1');
  for (let at = zip.indexOf(directory); at !== -1; at = zip.indexOf(directory, at + 1)) {
    const [size, nameBytes, local] = [
      zip.readUInt32LE(at + 24),
      zip.readUInt16LE(at + 28),
      zip.readUInt32LE(at + 42),
    ];
    const body = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const name = zip.subarray(at + 46, at + 46 + nameBytes).toString();
    entries[name] = zip.subarray(body, body + size).toString();
  }
  return entries;
}

describe('a set’s files', () => {
  it('come as one zip of all its audio, under their names', async () => {
    const answer = await fetch(`${api}/audio.zip`);
    expect(answer.headers.get('content-disposition')).toContain('whole.zip');
    expect(entriesOf(Buffer.from(await answer.arrayBuffer()))).toEqual({
      'whole/item-0.mp3': 'audio of 0',
      'whole/item-2.mp3': 'audio of 2',
    });
  });

  const completed = async (name: string): Promise<string> => {
    const done = await new SetOf(world, name, 2).accept();
    for (const index of [0, 1]) await done.complete(index, sha256Of(`audio of ${index}`));
    await put(`${name}/item-0.mp3`, 'audio of 0');
    const url = `${world.url}/api/v1/sets/${done.id}`;
    await seen<{ state?: string }>(url, ({ state }) => state === 'completed');
    return url;
  };

  it('come without one that is gone; a text file in the zip names it, with the remedy', async () => {
    const answer = await fetch(`${await completed('lacking')}/audio.zip`);
    const { 'MISSING.txt': missing, ...audio } = entriesOf(Buffer.from(await answer.arrayBuffer()));
    expect(audio).toEqual({ 'lacking/item-0.mp3': 'audio of 0' });
    expect(missing).toMatch(/Run the set again.*\n\nlacking\/item-1.mp3\n$/);
  });

  it('come without one that a later run has overwritten; a text file in the zip names it, with the remedy', async () => {
    const url = await completed('rewritten');
    await put('rewritten/item-1.mp3', 'audio of a later run');
    const answer = await fetch(`${url}/audio.zip`);
    const { 'MISSING.txt': missing, ...audio } = entriesOf(Buffer.from(await answer.arrayBuffer()));
    expect(audio).toEqual({ 'rewritten/item-0.mp3': 'audio of 0' });
    expect(missing).toMatch(/a later run.*the newest run that writes it.*\n\nrewritten\/item-1.mp3\n$/);
  });

  it('come under names that every system accepts, even if the set’s name looks like a drive', async () => {
    const url = await completed('A: intro');
    await put('A: intro/item-1.mp3', 'audio of 1');
    const answer = await fetch(`${url}/audio.zip`);
    expect(entriesOf(Buffer.from(await answer.arrayBuffer()))).toEqual({
      'A_ intro/item-0.mp3': 'audio of 0',
      'A_ intro/item-1.mp3': 'audio of 1',
    });
  });

  it('break off if one of them can’t be read, instead of coming without it; the console stays up', async () => {
    const url = await completed('broken');
    await symlink('/etc/hostname', join(world.folder, 'broken/item-1.mp3'));
    await expect(fetch(`${url}/audio.zip`).then((answer) => answer.arrayBuffer())).rejects.toThrow();
    expect((await fetch(url)).status).toBe(200);
  });

  it('have a manifest only once the tracker has written it', async () => {
    expect((await fetch(`${api}/manifest.json`)).status).toBe(404);
    await writeManifest(set);
    const answer = await fetch(`${api}/manifest.json`);
    expect([answer.status, await answer.json()]).toMatchObject([200, { setId: set.id }]);
    const csv = Buffer.from(await (await fetch(`${api}/manifest.csv`)).arrayBuffer());
    expect(csv).toEqual(await readFile(join(world.folder, 'whole', MANIFEST_FILES.csv)));
  });

  it('can’t be requested with HEAD, which would read all of them for nobody', async () => {
    await writeManifest(set);
    for (const path of ['audio.zip', 'manifest.json', 'manifest.csv', 'timeline']) {
      const { status } = await fetch(`${api}/${path}`, { method: 'HEAD' });
      expect([path, status]).toEqual([path, 404]);
    }
  });

  it('don’t include the manifest of another run under the same prefix', async () => {
    const later = await new SetOf(world, 'whole', 4).accept();
    const url = `${world.url}/api/v1/sets/${later.id}`;
    await seen<{ state?: string }>(url, ({ state }) => state === 'running');
    await writeManifest(set);
    for (const form of ['json', 'csv']) {
      const answer = await fetch(`${url}/manifest.${form}`);
      const { code, remedy } = JSON.parse(await answer.text());
      expect([answer.status, code]).toEqual([404, 'no-manifest']);
      expect(remedy).toContain('has ended');
    }
  });
});

describe('a retry', () => {
  const retry = async (body: object) => {
    const answer = await fetch(`${api}/retry`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };

  it('covers the items that it names, or all that failed, and is refused for items that have not failed', async () => {
    expect(await retry({ indexes: [0] })).toMatchObject({ status: 409, body: { title: 'Conflict' } });
    expect(await retry({ indexes: [3] })).toMatchObject({ status: 200, body: { ok: true, items: 1 } });
    await seen<{ items?: { state: string }[] }>(
      `${api}/items?index=3`,
      ({ items }) => items?.[0]?.state === 'requested',
    );
    expect((await retry({ indexes: ['all'] })).body.code).toBe('invalid-request');
  });

  it('leaves the set open to a change of priority and to cancelling', async () => {
    const command = async (verb: string, body: object) => {
      const answer = await fetch(`${api}/${verb}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return JSON.parse(await answer.text());
    };
    expect(await command('prioritize', { priority: 'high' })).toMatchObject({ did: 'SetPrioritized' });
    expect(await command('cancel', { why: 'enough' })).toMatchObject({ did: 'SetCancelled' });
    await seen<{ state: string }>(api, ({ state }) => state === 'cancelled');
  });
});
