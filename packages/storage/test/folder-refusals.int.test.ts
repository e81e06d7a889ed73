/** File systems that refuse: full, read-only, forbidden. They are real, and mounted if the user has the right to. */
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asNobody, canMount, smallDisk, temporaryFolder } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { folderObjectStore } from '../src/index.ts';
import { copyWithin, MP3 } from './specimen.ts';

const KIB = 1024;

const mountable = await canMount();
if (!mountable)
  process.stderr.write('Skipped: full and read-only disks (this user may not mount a tmpfs).\n');

describe.skipIf(!mountable)('a small disk', () => {
  it('that is full refuses an object, keeps the old one, and accepts objects again once there is space', async () => {
    await using disk = await smallDisk('1m');
    const store = folderObjectStore(disk.path);
    await store.put('kept', Buffer.alloc(300 * KIB, 1), MP3);
    const filler = Buffer.alloc(400 * KIB, 2);
    await store.put('filler', filler, MP3);
    const full = { code: 'full', retryable: true, message: expect.stringContaining(join(disk.path, 'kept')) };
    await expect(store.put('kept', Buffer.alloc(600 * KIB, 3), MP3)).rejects.toMatchObject(full);
    await expect(copyWithin(store, 'filler', 'kept', filler)).rejects.toMatchObject(full);
    expect(Buffer.compare(await store.get('kept'), Buffer.alloc(300 * KIB, 1))).toBe(0);
    expect((await readdir(disk.path)).sort()).toEqual(['filler', 'kept']);
    await store.delete('filler');
    await store.put('kept', Buffer.alloc(600 * KIB, 3), MP3);
    expect(await store.head('kept')).toMatchObject({ bytes: 600 * KIB });
  });

  it('is checked in the folder to be written, in whose place there may be a file', async () => {
    await using folder = await temporaryFolder();
    const store = folderObjectStore(folder.path);
    await store.check('audio/');
    await rm(`${folder.path}/audio`, { recursive: true });
    await writeFile(`${folder.path}/audio`, '');
    await store.check();
    await expect(store.check('audio/')).rejects.toMatchObject({ code: 'invalid-uri', message: /audio/ });
  });

  it('that is full to the last block fails the check', async () => {
    await using disk = await smallDisk('64k');
    const store = folderObjectStore(disk.path);
    await store.put('filler', Buffer.alloc(64 * KIB), MP3);
    await expect(store.check()).rejects.toMatchObject({ code: 'full' });
  });

  it('that is read-only can only be read', async () => {
    await using disk = await smallDisk('1m');
    const store = folderObjectStore(disk.path);
    await store.put('a', Buffer.from('x'), MP3);
    disk.setReadOnly(true);
    const readOnly = { code: 'read-only', retryable: false, remedy: expect.stringContaining('Mount it') };
    await expect(store.check()).rejects.toMatchObject(readOnly);
    await expect(store.put('a', Buffer.from('y'), MP3)).rejects.toMatchObject(readOnly);
    await expect(store.put('new/folder/b', Buffer.from('y'), MP3)).rejects.toMatchObject(readOnly);
    await expect(copyWithin(store, 'a', 'b', 'x')).rejects.toMatchObject(readOnly);
    await expect(store.delete('a')).rejects.toMatchObject(readOnly);
    expect(Buffer.from(await store.get('a')).toString()).toBe('x');
  });
});

describe('a folder without rights', () => {
  it('is denied, by name and with a remedy', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'out');
    const store = folderObjectStore(path);
    await mkdir(path);
    await chmod(folder.path, 0o755);
    await chmod(path, 0o500);
    const denied = { code: 'denied', retryable: false, message: expect.stringContaining(path) };
    await asNobody(async () => {
      await expect(store.check()).rejects.toMatchObject(denied);
      await expect(store.put('a', Buffer.from('x'), MP3)).rejects.toMatchObject(denied);
    });
    await chmod(path, 0o700);
  });
});
