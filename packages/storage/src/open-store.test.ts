/** Which store an address names, and which addresses are refused. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from './open-store.ts';

describe('openStore', () => {
  it.each([
    ['/out/audio', 'file:///out/audio', '/out/audio/a/b.mp3'],
    ['/out/../out/audio/', 'file:///out/audio', '/out/audio/a/b.mp3'],
    ['file:///out/with%20space', 'file:///out/with%20space', '/out/with space/a/b.mp3'],
    ['s3://bucket', 's3://bucket', 's3://bucket/a/b.mp3'],
    ['s3://bucket/', 's3://bucket', 's3://bucket/a/b.mp3'],
    ['s3://my.bucket-1/some/prefix', 's3://my.bucket-1/some/prefix', 's3://my.bucket-1/some/prefix/a/b.mp3'],
    ['s3://bucket/with space/', 's3://bucket/with space', 's3://bucket/with space/a/b.mp3'],
    ['S3://bucket/Case', 's3://bucket/Case', 's3://bucket/Case/a/b.mp3'],
    [' s3://bucket/x\t', 's3://bucket/x', 's3://bucket/x/a/b.mp3'],
    ['\n/out/audio ', 'file:///out/audio', '/out/audio/a/b.mp3'],
  ])('%s is the store %s, with an object at %s', (address, uri, located) => {
    const store = openStore(address);
    expect(store.uri).toBe(uri);
    expect(store.locate('a/b.mp3')).toBe(located);
    expect(openStore(store.uri).uri).toBe(uri);
  });

  it('takes a path relative to the working folder', () => {
    expect(openStore('out').locate('a.mp3')).toBe(join(process.cwd(), 'out', 'a.mp3'));
  });

  it.each([
    '',
    ' ',
    's3://',
    's3://B_ucket/x',
    's3:bucket',
    's3:///key',
    'gs://bucket',
    'https://host/out',
    '"s3://bucket/x"',
    's3 ://bucket/x',
    'audio:1',
  ])('refuses %j, and says what to write', (address) => {
    expect(() => openStore(address)).toThrow(
      expect.objectContaining({
        name: 'StoreError',
        code: 'invalid-uri',
        message: expect.stringContaining(JSON.stringify(address)),
        remedy: expect.stringMatching(/s3:\/\/bucket\/prefix; and \.\/ before a path that has a colon/),
      }),
    );
  });

  it('takes ./audio:1 for a path', () => {
    expect(openStore('./audio:1').locate('a.mp3')).toBe(join(process.cwd(), 'audio:1', 'a.mp3'));
  });

  it('refuses a file URI on another host', () => {
    expect(() => openStore('file://host/out')).toThrow(expect.objectContaining({ code: 'invalid-uri' }));
  });

  it.each(['s3://bucket/a//b', 's3://bucket/../b', 's3://bucket/.hidden'])(
    'refuses the prefix of %s',
    (address) => {
      expect(() => openStore(address)).toThrow(expect.objectContaining({ code: 'invalid-key' }));
    },
  );
});
