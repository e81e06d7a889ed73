/** A temporary folder leaves nothing behind. */
import { mkdir, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

it('is empty and has a real path, and is deleted afterwards with everything in it', async () => {
  let path: string;
  {
    await using folder = await temporaryFolder();
    path = folder.path;
    expect(await readdir(path)).toEqual([]);
    expect(await realpath(path)).toBe(path);
    await mkdir(join(path, 'deep/er'), { recursive: true });
    await writeFile(join(path, 'deep/er/file'), 'x');
  }
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});
