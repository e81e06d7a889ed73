/** A set file is placed whole or not at all. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { contentOfFile } from './local-file.ts';
import { PLACED_FOLDER, placeSetFile } from './place.ts';

it('places nothing, rather than an empty file, if the file is gone', async () => {
  await using inbox = await temporaryFolder();
  const placed = join(inbox.path, PLACED_FOLDER);
  await mkdir(placed);
  const gone = contentOfFile({ path: join(inbox.path, 'gone.yml'), bytes: 1, sha256: '' });
  const placement = { run: '20260101-000000-000000000000', fileName: 'gone.yml' };
  await expect(placeSetFile(inbox.path, placement, gone)).rejects.toThrow('gone.yml');
  expect(await readdir(placed)).toEqual([]);
});
