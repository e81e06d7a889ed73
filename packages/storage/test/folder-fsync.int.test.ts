/** What `STORE_FSYNC` promises: when a call returns, a folder's files are on disk under their names. */
import { createHash } from 'node:crypto';
import { mkdir, open, readlink, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporaryFolder } from '@setlist/testkit';
import { describe, expect, it, vi } from 'vitest';
import { copyBetween, flushTree, folderObjectStore, type ObjectStore } from '../src/index.ts';
import { copyWithin, MP3 } from './specimen.ts';

const BODY = Buffer.from('body');

/** The paths that were flushed to disk while `work` ran, in order. */
async function flushesDuring(work: () => Promise<unknown>): Promise<string[]> {
  await using any = await open('/proc/self/status');
  const fileHandle: typeof any = Object.getPrototypeOf(any);
  const { sync } = fileHandle;
  const flushed: string[] = [];
  const spy = vi.spyOn(fileHandle, 'sync').mockImplementation(async function (this: typeof any) {
    const path = await readlink(`/proc/self/fd/${this.fd}`);
    flushed.push(/^\.setlist-.+\.tmp$/.test(basename(path)) ? 'hidden file' : path);
    await sync.call(this);
  });
  await work().finally(() => spy.mockRestore());
  return flushed;
}

describe('a power cut', () => {
  /** What each step flushes: two puts into the same new folders, a copy, and its removal. */
  async function flushedBy(store: ObjectStore): Promise<string[][]> {
    const steps = [
      () => store.put('new/deep/a.mp3', BODY, MP3),
      () => store.put('new/deep/b.mp3', BODY, MP3),
      () => copyWithin(store, 'new/deep/a.mp3', 'c.mp3', BODY),
      () => store.delete('c.mp3'),
    ];
    const flushed: string[][] = [];
    for (const step of steps) flushed.push(await flushesDuring(step));
    return flushed;
  }

  it('loses nothing that was stored with fsync: the file is flushed, then its folder, then those above new ones', async () => {
    await using folder = await temporaryFolder();
    const [top, made, deep] = [folder.path, join(folder.path, 'new'), join(folder.path, 'new/deep')];
    expect(await flushedBy(folderObjectStore(folder.path, { fsync: true }))).toEqual([
      ['hidden file', deep, made, top],
      ['hidden file', deep],
      ['hidden file', top],
      [top],
    ]);
  });

  it('is not guarded against without fsync: nothing is flushed', async () => {
    await using folder = await temporaryFolder();
    expect((await flushedBy(folderObjectStore(folder.path))).flat()).toEqual([]);
  });

  it('loses nothing of a folder that was flushed with all it holds: each folder follows its files', async () => {
    await using folder = await temporaryFolder();
    const [top, deep] = [folder.path, join(folder.path, 'deep')];
    await mkdir(deep);
    for (const path of [join(deep, '1.blk'), join(top, 'meta')]) await writeFile(path, BODY);
    const flushed = await flushesDuring(() => flushTree(top));
    expect(flushed.toSorted()).toEqual([top, deep, join(deep, '1.blk'), join(top, 'meta')].toSorted());
    expect(flushed.indexOf(deep)).toBeGreaterThan(flushed.indexOf(join(deep, '1.blk')));
    expect(flushed.at(-1)).toBe(top);
  });

  it('loses no copy that existed before: with fsync it is written again', async () => {
    await using folder = await temporaryFolder();
    await using elsewhere = await temporaryFolder();
    const stored = folderObjectStore(elsewhere.path);
    const store = folderObjectStore(folder.path, { fsync: true });
    const sha256 = createHash('sha256').update(BODY).digest('hex');
    const copy = (): Promise<void> =>
      copyBetween({ store: stored, key: 'hash.mp3' }, { store, key: 'name.mp3' }, { ...MP3, sha256 });
    await stored.put('hash.mp3', BODY, MP3);
    await copy();
    const { ino } = await stat(store.locate('name.mp3'));
    // The writer of the existing copy may not have flushed it.
    const flushed = await flushesDuring(copy);
    expect((await stat(store.locate('name.mp3'))).ino).not.toBe(ino);
    expect(flushed).toEqual(['hidden file', folder.path]);
  });
});
