/** What happens to the folders of an inbox while ingest watches it, since others can write there too. */
import { chmod, mkdir, open, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Drop, dropOf, nameWithRun } from '@setlist/admission';
import { runId } from '@setlist/contracts';
import { asNobody, canMount, eventually, smallDisk } from '@setlist/testkit';
import { expect, it, vi } from 'vitest';
import { fileAway } from '../src/adapters/file-away.ts';
import { claimedPath, prepareInbox } from '../src/adapters/inbox.ts';
import { setOf, type World, withWorld } from './world.ts';

/** Puts a link to an empty folder in the place of one of the inbox's own. @returns that empty folder */
async function swapForLink({ inbox }: World, name: string): Promise<string> {
  const elsewhere = join(inbox, '../elsewhere');
  await mkdir(elsewhere);
  // A running ingest may make the folder again in between.
  await eventually(async () => {
    await rm(join(inbox, name), { recursive: true, force: true });
    await symlink(elsewhere, join(inbox, name));
    return true;
  });
  return elsewhere;
}

async function claimedIn(inbox: string): Promise<Drop> {
  const drop = dropOf(inbox, { run: runId(new Date(), new Uint8Array(6)) }, 'x.yml');
  await prepareInbox(inbox);
  await writeFile(claimedPath(drop), setOf('x', 1));
  return drop;
}

it.each([
  ['done', setOf('x', 1)],
  ['rejected', 'nonsense'],
])('a file is filed away once if %s was removed', (name, content) =>
  withWorld(async (world) => {
    await using _ingest = await world.ingest({ POLL_EVERY: '50ms' });
    await eventually(() => world.files(name));
    await rm(join(world.inbox, name), { recursive: true });
    await world.moveIn('x.yml', content);
    await eventually(async () => expect(await world.files(name)).toContain('x.yml'));
    await eventually(async () => expect(await world.files('.claimed')).toEqual([]));
    expect(await world.lives()).toHaveLength(1);
  }),
);

it.each(['.claimed', '.placed', 'done', 'rejected'])(
  'nothing is moved through %s if it has become a link, which the log says with a remedy',
  (name) =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ POLL_EVERY: '50ms' });
      await world.moveIn('first.yml', setOf('first', 1));
      await eventually(async () => (await world.files('done')).includes('first.yml'));
      const elsewhere = await swapForLink(world, name);
      await world.moveIn('x.yml', setOf('x', 1));
      await world.moveIn('bad.yml', 'nonsense');
      const said = {
        event: 'inbox-unusable',
        err: expect.objectContaining({ remedy: expect.stringContaining('Put a folder in its place') }),
      };
      // Ingest may first have found nothing, before the link was made.
      await eventually(() => expect(world.logged).toContainEqual(expect.objectContaining(said)));
      expect(await readdir(elsewhere)).toEqual([]);
    }),
);

it.each(['inbox', 'store'] as const)('ingest is not ready while its %s can’t be used', (name) =>
  withWorld(async (world) => {
    await using ingest = await world.process();
    const { healthUrl } = JSON.parse(await ingest.waitForLine(/"event":"ready"/)) as { healthUrl: string };
    const readiness = async () => {
      const response = await fetch(`${healthUrl}/readyz`);
      return { ...((await response.json()) as object), code: response.status };
    };
    const isReady = async () => expect(await readiness()).toMatchObject({ code: 200 });
    await eventually(isReady);
    const folder = { inbox: world.inbox, store: world.storeFolder }[name];
    // A running ingest may make the folder again in between.
    await eventually(async () => {
      await rm(folder, { recursive: true, force: true });
      await writeFile(folder, '', { flag: 'wx' });
    });
    const checks = { broker: { ok: true }, [name]: { ok: false, reason: expect.stringContaining(folder) } };
    await eventually(async () => expect(await readiness()).toMatchObject({ code: 503, checks }));
    await rm(folder);
    await mkdir(folder, { recursive: true });
    await eventually(isReady);
  }),
);

it.each(['done', 'rejected'] as const)('a file in hand stays claimed if %s becomes a link', (to) =>
  withWorld(async (world) => {
    const drop = await claimedIn(world.inbox);
    const elsewhere = await swapForLink(world, to);
    await expect(fileAway(drop, to)).rejects.toMatchObject({ code: 'inbox-unusable' });
    expect(await readdir(elsewhere)).toEqual([]);
    expect(await world.files('.claimed')).toEqual([drop.entry]);
  }),
);

/** As if on a network file system whose disk is full: only a flush says so. */
async function nothingFlushes(): Promise<Disposable> {
  await using any = await open('/proc/self/status');
  const fileHandle: typeof any = Object.getPrototypeOf(any);
  return vi.spyOn(fileHandle, 'sync').mockRejectedValue(Object.assign(new Error(), { code: 'ENOSPC' }));
}

it.skipIf(!(await canMount())).each(['write', 'flush'])(
  'a file that can’t be linked, and whose name a full disk has no room to reserve, as its %s says, leaves no file of that name',
  async (says) => {
    await using disk = await smallDisk('1m');
    const drop = await claimedIn(disk.path);
    for (const name of ['.claimed', 'done']) await chmod(join(disk.path, name), 0o777);
    using _full = says === 'flush' ? await nothingFlushes() : undefined;
    if (says === 'write') await disk.fill();
    // Linux lets nobody link a file of another user that they can't write.
    await asNobody(() => fileAway(drop, 'done'));
    expect(await readdir(join(disk.path, 'done'))).toEqual([nameWithRun(drop)]);
  },
);
