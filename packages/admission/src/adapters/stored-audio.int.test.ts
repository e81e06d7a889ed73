/** A few sounds are looked up one by one, many in one list; incomplete audio counts as gone. */
import { createHash } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUDIO_PREFIX } from '@setlist/contracts';
import { folderObjectStore, openStore } from '@setlist/storage';
import { startS3 } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import { StoredAudio } from './stored-audio.ts';

const MANY = 1_200;

/** A store with the audio of a number of sounds, four bytes each, which records its calls. */
async function storeOf(count: number) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'setlist-audio-'));
  const store = folderObjectStore(folder.path);
  const audio = Array.from({ length: count }, (_, index) => {
    const hash = createHash('sha256').update(String(index)).digest('hex');
    return { seq: index + 1, object: `${AUDIO_PREFIX}${hash}.mp3`, bytes: 4 };
  });
  const asked = { heads: 0, reads: 0, lists: 0 };
  const counting = {
    head: (key: string) => {
      asked.heads++;
      return store.head(key);
    },
    read: (key: string) => {
      asked.reads++;
      return store.read(key);
    },
    // A bucket's URI: in a folder, single lookups cost no more than a list.
    uri: 's3://bucket',
    list: (prefix: string) => {
      asked.lists++;
      return store.list(prefix);
    },
  };
  const put = (key: string) => store.put(key, Buffer.from('ID3!'), { contentType: 'audio/mpeg' });
  for (const { object } of audio) await put(object);
  return { folder, store, audio, asked, counting, put };
}

test('a few sounds are looked up one by one, without listing the store', async () => {
  const { folder, store, audio, asked, counting } = await storeOf(3);
  await using _folder = folder;
  const [first, second, third] = audio as [(typeof audio)[0], (typeof audio)[0], (typeof audio)[0]];
  await store.delete(second.object);
  const stored = new StoredAudio(counting, { head: async () => 3 });
  expect(await stored.holds(first)).toBe(true);
  expect(await stored.holds(second)).toBe(false);
  expect(await stored.holds({ ...third, bytes: 5 })).toBe(false);
  expect(asked).toEqual({ heads: 3, reads: 1, lists: 0 });
});

test('a bucket that does not exist is an error, not lost audio', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  await using s3 = await startS3();
  const options = { endpoint: s3.endpoint, region: s3.region, forcePathStyle: true };
  const audio = { seq: 1, object: `${AUDIO_PREFIX}${'a'.repeat(64)}.mp3`, bytes: 4 };
  const log = { head: async () => 1 };
  const away = new StoredAudio(openStore('s3://a-typo', options), log);
  await expect(away.holds(audio)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(away.holds(audio), 'nor has it for whoever asks next').rejects.toThrow();
  await s3.createBucket('audio');
  expect(await new StoredAudio(openStore('s3://audio', options), log).holds(audio)).toBe(false);
  vi.unstubAllEnvs();
});

test('for many sounds the store is listed once, however many lookups are concurrent', async () => {
  const { folder, store, audio, asked, counting } = await storeOf(MANY);
  await using _folder = folder;
  for (const { object } of audio.slice(0, 700)) await store.delete(object);
  const stored = new StoredAudio(counting, { head: async () => MANY });
  const held = await Promise.all(audio.map((one) => stored.holds(one)));
  expect(held).toEqual(audio.map((_, index) => index >= 700));
  expect(asked).toEqual({ heads: 500, reads: 1, lists: 1 });
  expect(await stored.holds({ ...(audio.at(-1) as (typeof audio)[0]), bytes: 5 })).toBe(false);
});

test('a sound paid for after the listing is looked up singly', async () => {
  const { folder, audio, asked, counting, put } = await storeOf(MANY);
  await using _folder = folder;
  const stored = new StoredAudio(counting, { head: async () => MANY });
  await Promise.all(audio.map((one) => stored.holds(one)));
  const late = { seq: MANY + 1, object: `${AUDIO_PREFIX}${'f'.repeat(64)}.mp3`, bytes: 4 };
  expect(await stored.holds(late)).toBe(false);
  await put(late.object);
  expect(await stored.holds(late)).toBe(true);
  expect(asked).toEqual({ heads: 502, reads: 1, lists: 1 });
});
