/** The folder store: the common guarantees, then its files and links. */
import { hash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { copyBetween, folderObjectStore, openStore } from '../src/index.ts';
import { describeStore } from './conformance.ts';
import { describeLists, describeNames } from './conformance-keys.ts';
import { describeCopies } from './conformance-objects.ts';
import { copyWithin, MP3, type Specimen } from './specimen.ts';

const BODY = Buffer.from('body');
const LEFT_OVER = '.setlist-01234567-89ab-cdef-0123-456789abcdef.tmp';

const opened = (fsync: boolean) => async (): Promise<Specimen> => {
  const folder = await temporaryFolder();
  const store = openStore(join(folder.path, 'made/when needed'), { fsync });
  return { store, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
};

describe('a folder', () => describeStore(opened(false), { keepsMetadata: false }));

describe('a folder, with fsync', () => {
  describe('copies', () => describeCopies(opened(true)));
  describe('names', () => describeNames(opened(true)));
  describe('lists', () => describeLists(opened(true)));
});

describe('files in the folder', () => {
  it('are where the store says, with nothing beside them', async () => {
    await using folder = await temporaryFolder();
    const store = openStore(pathToFileURL(folder.path).href);
    await store.put('a b/ü.mp3', BODY, MP3);
    await copyWithin(store, 'a b/ü.mp3', 'a b/copy.mp3', BODY);
    expect(store.uri).toBe(pathToFileURL(folder.path).href);
    expect(store.locate('a b/ü.mp3')).toBe(join(folder.path, 'a b', 'ü.mp3'));
    expect(await readFile(store.locate('a b/ü.mp3'), 'utf8')).toBe('body');
    expect((await readdir(join(folder.path, 'a b'))).sort()).toEqual(['copy.mp3', 'ü.mp3']);
  });

  it('are not hard links of each other: editing a copy in place leaves the original alone', async () => {
    await using folder = await temporaryFolder();
    const store = folderObjectStore(folder.path);
    await store.put('audio/hash.mp3', BODY, MP3);
    await copyWithin(store, 'audio/hash.mp3', 'name.mp3', BODY);
    await writeFile(store.locate('name.mp3'), 'edit', { flag: 'r+' });
    expect(await readFile(store.locate('audio/hash.mp3'), 'utf8')).toBe('body');
  });

  it('that are already the copy are left alone, however old; others are replaced', async () => {
    await using folder = await temporaryFolder();
    await using elsewhere = await temporaryFolder();
    const stored = folderObjectStore(elsewhere.path);
    const store = folderObjectStore(folder.path);
    const sha256 = hash('sha256', BODY);
    const copy = (): Promise<void> =>
      copyBetween({ store: stored, key: 'hash.mp3' }, { store, key: 'name.mp3' }, { ...MP3, sha256 });
    const file = async (): Promise<Stats> => stat(store.locate('name.mp3'));
    await stored.put('hash.mp3', BODY, MP3);
    await copy();
    const longAgo = new Date('2020-01-01T00:00:00Z');
    await utimes(store.locate('name.mp3'), longAgo, longAgo);
    const { ino } = await file();
    await copy();
    expect(await file()).toMatchObject({ ino, mtime: longAgo });

    await writeFile(store.locate('name.mp3'), 'edit');
    await copy();
    expect(await readFile(store.locate('name.mp3'), 'utf8')).toBe('body');
    await rm(store.locate('name.mp3'));
    await symlink(stored.locate('hash.mp3'), store.locate('name.mp3'));
    await copy();
    expect((await lstat(store.locate('name.mp3'))).isFile()).toBe(true);

    await stored.put('hash.mp3', Buffer.from('bodies'), MP3);
    await expect(copy()).rejects.toMatchObject({ code: 'damaged' });
    await stored.delete('hash.mp3');
    await expect(copy()).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are listed by bytes, capitals first and emoji last, without files that others left there', async () => {
    await using folder = await temporaryFolder();
    const store = folderObjectStore(folder.path);
    const ordered = ['B.mp3', 'a.mp3', 'ü.mp3', '\uff21.mp3', '🎧.mp3'];
    for (const key of ordered.toReversed()) await store.put(key, BODY, MP3);
    await mkdir(join(folder.path, '.git'));
    await writeFile(join(folder.path, '.git/config'), '');
    await writeFile(join(folder.path, '.DS_Store'), '');
    await writeFile(join(folder.path, LEFT_OVER), '');
    await writeFile(join(folder.path, ' what.mp3'), '');
    const passedOver: string[] = [];
    const listed = await Array.fromAsync(store.list('', (name) => passedOver.push(name)));
    expect(listed.map(({ key }) => key)).toEqual(ordered);
    expect(passedOver.sort()).toEqual([' what.mp3', '.DS_Store', '.git/', LEFT_OVER]);
  });

  it('can be put neither in place of a folder nor below a file', async () => {
    await using folder = await temporaryFolder();
    const store = folderObjectStore(folder.path);
    await store.put('file', BODY, MP3);
    await store.put('folder/file', BODY, MP3);
    const refused = { code: 'invalid-key', remedy: 'Rename one of the two.' };
    await expect(store.put('file/below', BODY, MP3)).rejects.toMatchObject(refused);
    await expect(store.put('folder', BODY, MP3)).rejects.toMatchObject(refused);
    await expect(copyWithin(store, 'file', 'folder', BODY)).rejects.toMatchObject(refused);
    expect((await readdir(folder.path)).sort()).toEqual(['file', 'folder']);
  });

  it('are not put if their source is missing, and the error names the source', async () => {
    await using folder = await temporaryFolder();
    const store = folderObjectStore(join(folder.path, 'out'));
    const source = join(folder.path, 'gone.yml');
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      yield* createReadStream(source);
    };
    const gone = { code: 'not-found', message: expect.stringContaining(source) };
    for (const folderIsThere of [false, true]) {
      await expect(store.put('kept.yml', pieces(), MP3)).rejects.toMatchObject(gone);
      if (!folderIsThere) await store.put('other.yml', BODY, MP3);
    }
    expect(await readdir(join(folder.path, 'out'))).toEqual(['other.yml']);
  });

  it('are refused if the path is too long for the system', async () => {
    await using folder = await temporaryFolder();
    const store = folderObjectStore(join(folder.path, ...Array.from({ length: 25 }, () => 'd'.repeat(200))));
    await expect(store.put('a.mp3', BODY, MP3)).rejects.toMatchObject({ code: 'invalid-key' });
  });

  it('can’t be kept if the store’s folder is a file, or below one', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'file'), '');
    for (const path of ['file', 'file/below']) {
      const store = folderObjectStore(join(folder.path, path));
      await expect(store.check()).rejects.toMatchObject({ code: 'invalid-uri' });
    }
  });
});

describe('symbolic links', () => {
  it('that lead out of the folder are never followed', async () => {
    await using folder = await temporaryFolder();
    await using outside = await temporaryFolder();
    const store = folderObjectStore(folder.path);
    await writeFile(join(outside.path, 'secret.mp3'), 'secret');
    await symlink(outside.path, join(folder.path, 'link'));
    await symlink(join(outside.path, 'secret.mp3'), join(folder.path, 'secret.mp3'));
    await store.put('own.mp3', BODY, MP3);
    const denied = { code: 'denied', message: expect.stringContaining('symbolic link') };
    for (const key of ['link/secret.mp3', 'secret.mp3']) {
      await expect(store.get(key)).rejects.toMatchObject(denied);
      await expect(store.head(key)).rejects.toMatchObject(denied);
      await expect(copyWithin(store, key, 'stolen.mp3', 'secret')).rejects.toMatchObject(denied);
    }
    await expect(store.put('link/new.mp3', BODY, MP3)).rejects.toMatchObject(denied);
    await expect(store.put('link/new/deep.mp3', BODY, MP3)).rejects.toMatchObject(denied);
    await expect(copyWithin(store, 'own.mp3', 'link/new.mp3', BODY)).rejects.toMatchObject(denied);
    await expect(store.delete('link/secret.mp3')).rejects.toMatchObject(denied);
    await expect(Array.fromAsync(store.list('link/'))).rejects.toMatchObject(denied);
    expect((await Array.fromAsync(store.list(''))).map(({ key }) => key)).toEqual(['own.mp3']);
    expect(await readdir(outside.path)).toEqual(['secret.mp3']);
  });

  it('are themselves replaced and removed, never what they point to', async () => {
    await using folder = await temporaryFolder();
    await using outside = await temporaryFolder();
    const store = folderObjectStore(folder.path);
    const secret = join(outside.path, 'secret.mp3');
    await writeFile(secret, 'secret');
    await symlink(secret, join(folder.path, 'put.mp3'));
    await symlink(secret, join(folder.path, 'delete.mp3'));
    await store.put('put.mp3', BODY, MP3);
    await store.delete('delete.mp3');
    expect(await readFile(secret, 'utf8')).toBe('secret');
    expect(await readdir(folder.path)).toEqual(['put.mp3']);
    await expect(readlink(store.locate('put.mp3'))).rejects.toMatchObject({ code: 'EINVAL' });
  });

  it('that stay inside are followed, and the folder itself may be one', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'real/old'), { recursive: true });
    await symlink('real', join(folder.path, 'root'));
    await symlink('old', join(folder.path, 'real/alias'));
    const store = folderObjectStore(join(folder.path, 'root'));
    await store.put('alias/a.mp3', BODY, MP3);
    expect(await readFile(join(folder.path, 'real/old/a.mp3'), 'utf8')).toBe('body');
    expect(await store.head('alias/a.mp3')).toMatchObject({ bytes: 4 });
  });

  it('that lead nowhere or in a circle are refused', async () => {
    await using folder = await temporaryFolder();
    const store = folderObjectStore(folder.path);
    await symlink(join(folder.path, 'nowhere'), join(folder.path, 'dangling'));
    await symlink('circle', join(folder.path, 'circle'));
    await expect(store.put('dangling/a.mp3', BODY, MP3)).rejects.toMatchObject({ name: 'StoreError' });
    await expect(store.get('circle')).rejects.toMatchObject({ code: 'denied' });
    expect((await readdir(folder.path)).sort()).toEqual(['circle', 'dangling']);
  });
});
