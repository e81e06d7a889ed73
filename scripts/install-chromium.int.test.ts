import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@setlist/testkit';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('install-chromium.ts', import.meta.url));

test.skipIf(process.getuid?.() !== 0)(
  'without a Chromium, root gets the smaller of two packages, or the other where there is none',
  async () => {
    await using folder = await temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    // Notes how it was called, and has no package of the smaller one.
    const standIn = `#!/bin/sh\necho "$@" >> ${at('calls')}\ncase "$*" in *headless*) exit 100;; esac\n`;
    await writeFile(at('apt-get'), standIn);
    await chmod(at('apt-get'), 0o755);
    const env = { PATH: folder.path };
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT], { env, encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('are skipped') });
    const calls = (await readFile(at('calls'), 'utf8')).trim().split('\n');
    expect(calls.map((call) => call.split(' ').at(-1))).toEqual([
      '--version',
      'update',
      'chromium-headless-shell',
      'chromium',
    ]);
  },
);
