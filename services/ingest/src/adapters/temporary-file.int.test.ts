/** What is left of a copy that could not be finished. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { writeTemporary } from './temporary-file.ts';

it('a copy that can’t be finished leaves its room to others', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'set.yml');
  const full = Object.assign(new Error('no space is left'), { code: 'ENOSPC', syscall: 'write' });
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('set: {name: a}\n');
    throw full;
  }
  await expect(writeTemporary(path, pieces())).rejects.toMatchObject({ code: 'temporary-folder-unusable' });
  expect(await readdir(folder.path)).toEqual([]);
});
