/** Conformance: a key names one object, which its prefix finds; keys that some store can't hold are refused by all. */
import { expect, it } from 'vitest';
import { bytes, copyWithin, keysOf, MP3, type Specimen, text } from './specimen.ts';

/** Each is kept, found, listed, copied and removed under exactly this name. */
const TRICKY_KEYS = [
  'plain.mp3',
  'deep/er/and/deeper.mp3',
  'with space/and  two.mp3',
  'plus+and&and=.mp3',
  'percent%20and%.mp3',
  "quote'and(brackets)!~.mp3",
  'hash#and;and,and@.mp3',
  'vol./aux/<who>:"a|b"?*.mp3',
  'composed-ü/señor.mp3',
  'decomposed-u\u0308.mp3',
  '日本語/🎧.mp3',
  `${'a'.repeat(251)}.mp3`,
  `${'é'.repeat(125)}/${'🎧'.repeat(62)}.mp3`,
];

const REFUSED_KEYS = [
  '',
  '/etc/passwd',
  '../up.mp3',
  'a/../../up.mp3',
  'a//b',
  'a/',
  'a\\b',
  'a\0b',
  'a/.b',
  'a?/../b',
  'a?/.b',
];

export function describeNames(open: () => Promise<Specimen>): void {
  it.each(TRICKY_KEYS)('keeps %s apart from every other key', async (key) => {
    await using specimen = await open();
    const { store } = specimen;
    await store.put(key, bytes(key), MP3);
    await copyWithin(store, key, 'plain copy+of it', key);
    await copyWithin(store, 'plain copy+of it', `copies/${key}`, key);
    expect(text(await store.get(key))).toBe(key);
    expect(text(await store.get(`copies/${key}`))).toBe(key);
    expect(await store.head(key)).toMatchObject({ bytes: Buffer.byteLength(key) });
    expect((await keysOf(store, '')).sort()).toEqual([key, `copies/${key}`, 'plain copy+of it'].sort());
    expect(store.locate(key).endsWith(key)).toBe(true);
    await store.delete(key);
    expect(await store.head(key)).toBeUndefined();
    expect(text(await store.get(`copies/${key}`))).toBe(key);
  });

  it.each(REFUSED_KEYS)('refuses %j everywhere', async (key) => {
    await using specimen = await open();
    const { store } = specimen;
    await store.put('a', bytes('x'), MP3);
    const refused = { name: 'StoreError', code: 'invalid-key', retryable: false };
    await expect(store.put(key, bytes('x'), MP3)).rejects.toMatchObject(refused);
    await expect(store.get(key)).rejects.toMatchObject(refused);
    await expect(store.head(key)).rejects.toMatchObject(refused);
    await expect(copyWithin(store, key, 'b', 'x')).rejects.toMatchObject(refused);
    await expect(copyWithin(store, 'a', key, 'x')).rejects.toMatchObject(refused);
    await expect(store.delete(key)).rejects.toMatchObject(refused);
    expect(() => store.locate(key)).toThrow(expect.objectContaining(refused));
  });
}

export function describeLists(open: () => Promise<Specimen>): void {
  it('are in the order of the keys, with size and time', async () => {
    await using specimen = await open();
    const { store } = specimen;
    const ordered = ['a-1.mp3', 'a.mp3', 'a/1.mp3', 'a/b/c.mp3', 'a/b0', 'a0.mp3', 'b.mp3'];
    for (const key of ordered.toReversed()) await store.put(key, bytes(key), MP3);
    const listed = await Array.fromAsync(store.list(''));
    expect(listed.map(({ key }) => key)).toEqual(ordered);
    expect(listed.map(({ bytes }) => bytes)).toEqual(ordered.map((key) => key.length));
    for (const { modified } of listed) expect(Math.abs(Date.now() - modified.getTime())).toBeLessThan(60_000);
  });

  it.each([
    ['a', ['a.mp3', 'a/1.mp3', 'a/bc/2.mp3', 'ab.mp3']],
    ['a/', ['a/1.mp3', 'a/bc/2.mp3']],
    ['a/b', ['a/bc/2.mp3']],
    ['a/bc/', ['a/bc/2.mp3']],
    ['a/bc/2.mp3', ['a/bc/2.mp3']],
    ['a/bc/2.mp3/', []],
    ['b/', []],
    ['c', []],
  ])('take %j as a string prefix of keys, not as a folder', async (prefix, expected) => {
    await using specimen = await open();
    for (const key of ['a.mp3', 'a/1.mp3', 'a/bc/2.mp3', 'ab.mp3', 'b']) {
      await specimen.store.put(key, bytes('x'), MP3);
    }
    expect(await keysOf(specimen.store, prefix)).toEqual(expected);
  });

  it('refuse a prefix that leads out of the store', async () => {
    await using specimen = await open();
    await expect(keysOf(specimen.store, '../')).rejects.toMatchObject({ code: 'invalid-key' });
    await expect(keysOf(specimen.store, '/')).rejects.toMatchObject({ code: 'invalid-key' });
  });

  it('continue beyond a thousand objects', async () => {
    await using specimen = await open();
    const keys = Array.from({ length: 1_203 }, (_, index) => `items/${String(index).padStart(6, '0')}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => specimen.store.put(key, bytes(key), MP3)));
    }
    expect(await keysOf(specimen.store, 'items/')).toEqual(keys);
  });
}
