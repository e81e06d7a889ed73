/** Zips, read back by a library that refuses what is not to the letter of the format. */
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { type ZippedFile, zipOf } from './zip.ts';

const AT = new Date('2026-03-01T12:34:56Z');

function fileOf(name: string, ...pieces: string[]): ZippedFile {
  const whole = Buffer.from(pieces.join(''));
  return {
    name,
    bytes: whole.length,
    crc32: crc32(whole),
    async *read() {
      for (const piece of pieces) yield Buffer.from(piece);
    },
  };
}

async function* each(files: Iterable<ZippedFile>): AsyncGenerator<ZippedFile> {
  yield* files;
}

const whole = async (zip: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(zip));

/** More than the first version of the format could have. */
const MANY = 66_000;

test('a zip has all its files, even more than 65,535, with their names, times and contents', async () => {
  const files = function* (): Generator<ZippedFile> {
    yield fileOf('Grüße/你好 🎭.mp3', 'in two ', 'pieces');
    yield fileOf('empty.mp3');
    for (let index = 2; index < MANY; index++) yield fileOf(`set/${index}.mp3`, `audio of ${index}`);
  };
  const zip = await fromBufferPromise(await whole(zipOf(each(files()), AT)), {
    strictFileNames: true,
    lazyEntries: true,
  });
  expect(zip.entryCount).toBe(MANY);
  const names = new Set<string>();
  for await (const entry of zip.eachEntry()) {
    names.add(entry.fileName);
    if (names.size > 2 && names.size < MANY) continue;
    const body = await buffer(await zip.openReadStreamPromise(entry));
    expect([entry.fileName, body.toString(), entry.getLastModDate(), entry.crc32]).toEqual([
      entry.fileName,
      { 1: 'in two pieces', 2: '', [MANY]: `audio of ${MANY - 1}` }[names.size],
      AT,
      crc32(body),
    ]);
  }
  expect([names.size, names.has('Grüße/你好 🎭.mp3'), names.has('empty.mp3')]).toEqual([MANY, true, true]);
});

test('a zip without files is one', async () => {
  const zip = await fromBufferPromise(await whole(zipOf(each([]), AT)), { lazyEntries: true });
  expect(zip.entryCount).toBe(0);
});

test('a zip breaks off at a file that is not as long as announced', async () => {
  const zip = zipOf(each([{ ...fileOf('a.mp3', 'audio'), bytes: 4 }]), AT);
  await expect(whole(zip)).rejects.toThrow('a.mp3 has 5 bytes instead of 4');
});
