/** A folder store that is taken away while it is used, with its disk for example. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { folderObjectStore } from '../src/index.ts';
import { copyWithin, MP3 } from './specimen.ts';

const BODY = Buffer.from('body');

test.each([
  ['', false],
  [', or leaves an empty folder where its disk was mounted,', true],
])(
  'a folder that is taken away%s after a check is away and not empty, and nothing makes a new one in its place',
  async (_, isMounted) => {
    await using folder = await temporaryFolder();
    const [here, away] = [join(folder.path, 'disk'), join(folder.path, 'unplugged')];
    const store = folderObjectStore(join(here, 'store'));
    await store.check('audio/');
    await store.put('audio/a.mp3', BODY, MP3);
    await rename(here, away);
    if (isMounted) await mkdir(join(here, 'store'), { recursive: true });
    const left = await readdir(folder.path, { recursive: true });
    const gone = {
      code: 'unavailable',
      retryable: true,
      message: expect.stringContaining(join(here, 'store')),
    };
    const uses = [
      () => store.get('audio/a.mp3'),
      () => store.read('audio/a.mp3').next(),
      () => store.head('audio/a.mp3'),
      () => store.put('audio/b.mp3', BODY, MP3),
      () => store.delete('audio/a.mp3'),
      () => Array.fromAsync(store.list('audio/')),
      () => store.check(),
      () => store.check('audio/'),
      () => copyWithin(store, 'audio/a.mp3', 'copy.mp3', BODY),
    ];
    for (const use of uses) await expect(use()).rejects.toMatchObject(gone);
    expect(await readdir(folder.path, { recursive: true })).toEqual(left);
    await rm(here, { recursive: true, force: true });
    await rename(away, here);
    expect(Buffer.from(await store.get('audio/a.mp3'))).toEqual(BODY);
    expect(await store.head('audio/b.mp3')).toBeUndefined();
    await store.check('audio/');
  },
);
