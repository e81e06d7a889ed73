/** A set file whose writer continues after ingest has looked at it: ingest reads what it looked at, or nothing. */
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileChanged, LARGE_BYTES, lookAt, openSetFile } from '@setlist/admission';
import { temporaryFolder } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { setOf } from './world.ts';

const OPTIONS = { fileName: 'set.yml' };

test.each([
  ['a small file', 3],
  ['a large file', 8_000],
])('%s that has grown since it was looked at is not opened', async (size, items) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'set.yml');
  await writeFile(path, setOf('growing', items));
  const seen = await lookAt(path);
  if (seen === undefined) throw new Error(`${path} is gone`);
  expect(seen.bytes >= LARGE_BYTES).toBe(size === 'a large file');

  await appendFile(path, '  - text: "One more."\n');
  await expect(openSetFile(seen, OPTIONS)).rejects.toThrow(FileChanged);
});

test('a large file that grows after its check yields none of what was added', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'set.yml');
  await writeFile(path, setOf('growing', 8_000));
  const seen = await lookAt(path);
  if (seen === undefined) throw new Error(`${path} is gone`);
  await using file = await openSetFile(seen, OPTIONS);
  await appendFile(path, '  - text: "One more."\n'.repeat(1_000));
  const items: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const some of file.items()) items.push(...some.map(({ text }) => text));
  };
  await expect(reading()).rejects.toThrow(FileChanged);
  expect(items).not.toContain('One more.');
});
