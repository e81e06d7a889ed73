/** What ingest says when the system's temporary folder, where it reads set files from buckets, can't be used. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, loadConfig } from '@setlist/runtime';
import { folderObjectStore } from '@setlist/storage';
import { canMount, eventually, smallDisk, temporaryFolder } from '@setlist/testkit';
import { afterEach, expect, it, vi } from 'vitest';
import { fetchKept } from '../src/adapters/kept-file.ts';
import { createIngest, ingestConfig, openPlaces } from '../src/index.ts';
import { largeSetOf, setNames, withBuckets } from './bucket-world.ts';
import { startWorld } from './world.ts';

const s3 = withBuckets();
const mountable = await canMount();
if (!mountable) process.stderr.write('Skipped: full temporary folders (this user may not mount a tmpfs).\n');

const TMPDIR = process.env.TMPDIR;
afterEach(() => void vi.stubEnv('TMPDIR', TMPDIR));

/** A place where not even root can make a folder: below a file. */
async function unusableIn(folder: string): Promise<string> {
  const file = join(folder, 'file');
  await writeFile(file, '');
  return join(file, 'tmp');
}

const said = (folder: string) => ({
  code: 'temporary-folder-unusable',
  remedy: expect.stringContaining(`Make ${folder} writable and large enough`),
});

it('watches no bucket without a temporary folder, and says what to do', async () => {
  await using world = await startWorld();
  await using folder = await temporaryFolder();
  const { uri } = await s3.create();
  const settings = loadConfig(ingestConfig, {
    INBOX: uri,
    STORE: world.storeFolder,
    NATS_URL: world.nats.url,
  });
  const logger = createLogger({ service: 'ingest', level: 'silent' });
  const places = { ...openPlaces(settings), inboxAt: s3.open };
  const ingest = createIngest(settings, { log: world.log, logger, ...places });
  const unusable = await unusableIn(folder.path);
  vi.stubEnv('TMPDIR', unusable);
  await expect(ingest.run(new AbortController().signal)).rejects.toMatchObject(said(unusable));
});

it('reads no kept set file without a temporary folder, and says what to do', async () => {
  await using folder = await temporaryFolder();
  const store = folderObjectStore(join(folder.path, 'store'));
  await store.put('setfiles/a.yml', Buffer.from('set: 7\n'), { contentType: 'application/yaml' });
  const unusable = await unusableIn(folder.path);
  vi.stubEnv('TMPDIR', unusable);
  await expect(fetchKept(store, 'setfiles/a.yml')).rejects.toMatchObject(said(unusable));
});

it.skipIf(!mountable)('a file that a full temporary folder has no room for waits until it has', async () => {
  await using world = await startWorld();
  await using disk = await smallDisk('1m');
  const bucket = await s3.create();
  vi.stubEnv('TMPDIR', disk.path);
  await using _ingest = s3.watch(world, bucket);
  // Once a small file has been taken, the folder has been made.
  await bucket.put('bad.yml', 'set: 7\n');
  await eventually(async () => (await bucket.keys()).includes('bad.yml.problems.txt'));
  await disk.fill();
  await bucket.put('large.yml', largeSetOf('large'));
  await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
  expect(world.logged.find(({ event }) => event === 'set-file-waits')).toMatchObject({
    level: 'warn',
    remedy: said(disk.path).remedy,
  });
  await disk.makeRoom();
  await eventually(async () => (await setNames(world)).includes('large'));
});
