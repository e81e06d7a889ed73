/** Anything but a file is refused at once, without waiting. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lookAt } from './local-file.ts';

it.skipIf(process.platform === 'win32')(
  'refuses a pipe without a writer, and a device without end',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'setlist-'));
    try {
      const pipe = join(folder, 'pipe.yml');
      execFileSync('mkfifo', [pipe]);
      await expect(lookAt(pipe)).rejects.toMatchObject({ name: 'NoPlainFile', what: 'a pipe' });
      await expect(lookAt('/dev/zero')).rejects.toMatchObject({ name: 'NoPlainFile', what: 'a device' });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
