/** What a crash leaves in a folder: whole objects, and hidden files that are removed later. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childStarted, eventually, temporaryFolder } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { folderObjectStore } from '../src/index.ts';
import { MP3 } from './specimen.ts';

const BODY = Buffer.from('body');
const LEFT_OVER = '.setlist-01234567-89ab-cdef-0123-456789abcdef.tmp';

describe('a crash', () => {
  it('by kill -9 in the middle of a put leaves the old object or the new one, and at most a hidden file', async () => {
    await using folder = await temporaryFolder();
    const size = 48 * 1024 * 1024;
    const store = folderObjectStore(folder.path);
    let cut = 0;
    for (let round = 0; round < 20 && cut < 3; round += 1) {
      const left = await killWhileWriting(folder.path, size);
      cut += left.some(({ bytes }) => bytes > 0 && bytes < size) ? 1 : 0;
      const visible = await Array.fromAsync(store.list(''));
      expect(visible.map(({ key, bytes }) => ({ key, bytes }))).toEqual(
        visible.length === 0 ? [] : [{ key: 'large', bytes: size }],
      );
      if (visible.length > 0) {
        const body = await store.get('large');
        expect(Buffer.compare(body, Buffer.alloc(size, body[0]))).toBe(0);
      }
    }
    expect(cut, 'kills that hit the middle of a put').toBeGreaterThan(0);
  });

  it('leaves a hidden file that the next writer removes only once it is old', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, LEFT_OVER);
    await writeFile(path, 'half');
    await folderObjectStore(folder.path).put('a', BODY, MP3);
    expect((await readdir(folder.path)).sort()).toEqual([LEFT_OVER, 'a']);
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(path, twoHoursAgo, twoHoursAgo);
    await utimes(join(folder.path, 'a'), twoHoursAgo, twoHoursAgo);
    await folderObjectStore(folder.path).put('b', BODY, MP3);
    expect((await readdir(folder.path)).sort()).toEqual(['a', 'b']);
  });

  it('is not the only way to lose a folder: a removed one is made again', async () => {
    await using folder = await temporaryFolder();
    const store = folderObjectStore(join(folder.path, 'out'));
    await store.put('a/b', BODY, MP3);
    await rm(join(folder.path, 'out'), { recursive: true });
    await store.put('a/b', BODY, MP3);
    expect(await store.head('a/b')).toMatchObject({ bytes: 4 });
  });
});

/** Starts a writer, kills it as soon as its hidden file grows, and returns the hidden files that it left. */
async function killWhileWriting(folder: string, size: number): Promise<{ name: string; bytes: number }[]> {
  const script = fileURLToPath(new URL('./endless-writer.ts', import.meta.url));
  const before = new Set(await readdir(folder));
  const writer = spawn(process.execPath, [script, folder, 'large', String(size)], { stdio: 'inherit' });
  const ended = once(childStarted('a writer', writer), 'exit');
  try {
    await eventually(async () => (await hiddenFiles(folder, before)).some(({ bytes }) => bytes > 0), {
      everyMs: 1,
      deadlineMs: 20_000,
    });
  } finally {
    writer.kill('SIGKILL');
    await ended;
  }
  return hiddenFiles(folder, before);
}

async function hiddenFiles(folder: string, except: Set<string>): Promise<{ name: string; bytes: number }[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('.') && !except.has(name));
  const found = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => [{ name, bytes: size }],
        () => [],
      ),
    ),
  );
  return found.flat();
}
