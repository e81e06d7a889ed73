/** The checks of an inbox before it is watched, and of a file before it is claimed, on a real file system. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runId } from '@setlist/contracts';
import { canMount, smallDisk } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { claim, listInbox, prepareInbox } from './inbox.ts';

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'setlist-inbox-'));
  try {
    await test(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

it('gets its folders and nothing else', () =>
  withFolder(async (inbox) => {
    await Promise.all([prepareInbox(inbox), prepareInbox(inbox)]);
    expect((await readdir(inbox)).sort()).toEqual(['.claimed', '.placed', 'done', 'rejected']);
    expect(await readdir(join(inbox, '.claimed'))).toEqual([]);
  }));

it('has no file claimed that was written to after it was listed', () =>
  withFolder(async (inbox) => {
    await prepareInbox(inbox);
    const run = runId(new Date(), new Uint8Array(6));
    await writeFile(join(inbox, 'act.yml'), 'set:\n');
    const [before] = (await listInbox(inbox)).candidates;
    await appendFile(join(inbox, 'act.yml'), '  name: act\n');
    const [after] = (await listInbox(inbox)).candidates;
    if (before === undefined || after === undefined) throw new Error('not listed');
    expect(await claim(inbox, before, run)).toBeUndefined();
    expect(await readdir(inbox)).toContain('act.yml');
    expect(await claim(inbox, after, run)).toMatchObject({ run, fileName: 'act.yml' });
    expect(await readdir(inbox)).not.toContain('act.yml');
  }));

it('has nothing written through a link that someone put there', () =>
  withFolder(async (folder) => {
    const theirs = join(folder, 'theirs.txt');
    await writeFile(theirs, 'precious');
    await mkdir(join(folder, 'in/.claimed'), { recursive: true });
    for (const at of ['in', 'in/.claimed']) await symlink(theirs, join(folder, at, '.probe'));
    await prepareInbox(join(folder, 'in'));
    expect(await readFile(theirs, 'utf8')).toBe('precious');
  }));

it.each(['.claimed', '.placed', 'done', 'rejected'])('is refused if %s is a link', (name) =>
  withFolder(async (folder) => {
    await mkdir(join(folder, 'in'));
    await mkdir(join(folder, 'elsewhere'));
    await symlink(join(folder, 'elsewhere'), join(folder, 'in', name));
    await expect(prepareInbox(join(folder, 'in'))).rejects.toMatchObject({
      code: 'inbox-unusable',
      message: `${join(folder, 'in', name)} is a link`,
      remedy: expect.stringContaining('Put a folder in its place'),
    });
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
  }),
);

describe.skipIf(!(await canMount()))('with a folder on another file system', () => {
  it.each(['.claimed', 'done', 'rejected'])('is refused if it is %s', async (name) => {
    await using disk = await smallDisk('64k');
    await withFolder(async (inbox) => {
      await mkdir(join(inbox, name));
      execFileSync('mount', ['--bind', disk.path, join(inbox, name)], { stdio: 'pipe' });
      try {
        await expect(prepareInbox(inbox)).rejects.toMatchObject({
          code: 'inbox-unusable',
          remedy: expect.stringContaining('Mount the inbox as a whole'),
        });
      } finally {
        execFileSync('umount', [join(inbox, name)], { stdio: 'pipe' });
      }
    });
  });
});

it.skipIf(process.platform === 'win32')(
  'leaves a file in place that became a pipe or a link after it was listed, without waiting for a writer',
  () =>
    withFolder(async (folder) => {
      const inbox = join(folder, 'in');
      await prepareInbox(inbox);
      await writeFile(join(folder, 'theirs.yml'), 'precious');
      await symlink(join(folder, 'theirs.yml'), join(inbox, 'link.yml'));
      execFileSync('mkfifo', [join(inbox, 'pipe.yml')]);
      await expect(
        claim(inbox, { name: 'link.yml', bytes: 0, modifiedMs: 0 }, 'run-1'),
      ).rejects.toMatchObject({ code: 'ELOOP' });
      await expect(
        claim(inbox, { name: 'pipe.yml', bytes: 0, modifiedMs: 0 }, 'run-2'),
      ).rejects.toMatchObject({ name: 'NoPlainFile' });
      expect(await readdir(join(inbox, '.claimed'))).toEqual([]);
    }),
);
