/** A file that needs more memory than its thread has. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lookAt } from './local-file.ts';
import { readInThread } from './set-file-thread.ts';

it('refuses a file that exhausts the memory, since another try would too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'setlist-'));
  try {
    const path = join(folder, 'big.yml');
    await writeFile(path, `set: {name: big}\nitems: [${'{text: a}, '.repeat(20_000)}]\n`);
    const file = await lookAt(path);
    if (file === undefined) throw new Error('the file is gone');
    const heap = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };
    await using open = await readInThread(file, { fileName: 'big.yml' }, { heap });
    expect(open.checked).toMatchObject({
      ok: false,
      problemCount: 1,
      problems: [{ code: 'file-too-large', remedy: 'split it into several set files' }],
    });
    expect(await Array.fromAsync(open.items())).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
