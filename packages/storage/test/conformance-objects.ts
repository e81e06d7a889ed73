/** Conformance: bodies come back as they were put, missing objects are reported, and copies are independent. */
import { expect, it } from 'vitest';
import { bytes, copyWithin, keysOf, MP3, type Specimen, type Traits, text } from './specimen.ts';

export function describeBodies(open: () => Promise<Specimen>): void {
  it('come back as they were put, also with an empty body', async () => {
    await using specimen = await open();
    const { store } = specimen;
    const body = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) % 256);
    await store.put('audio/a.mp3', body, MP3);
    await store.put('audio/empty.mp3', new Uint8Array(), MP3);
    expect(Buffer.compare(await store.get('audio/a.mp3'), body)).toBe(0);
    expect((await store.get('audio/empty.mp3')).byteLength).toBe(0);
    expect(await store.head('audio/a.mp3')).toMatchObject({ bytes: 70_000 });
    expect(await store.head('audio/empty.mp3')).toMatchObject({ bytes: 0 });
  });

  it('are the view of a larger buffer that was put, not the buffer', async () => {
    await using specimen = await open();
    await specimen.store.put('view', bytes('-middle-').subarray(1, 7), MP3);
    expect(text(await specimen.store.get('view'))).toBe('middle');
  });

  it('are replaced by shorter ones', async () => {
    await using specimen = await open();
    await specimen.store.put('a', bytes('a long first body'), MP3);
    await specimen.store.put('a', bytes('short'), MP3);
    expect(text(await specimen.store.get('a'))).toBe('short');
  });

  it('are not left behind by the check of a usable store', async () => {
    await using specimen = await open();
    await specimen.store.check();
    expect(await keysOf(specimen.store, '')).toEqual([]);
  });
}

/** A body in pieces whose size has nothing to do with how it is stored. */
async function* pieces(body: Uint8Array, size: number, failAfter = body.length): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < body.length; from += size) {
    if (from > failAfter) throw new Error('the source broke off');
    yield body.subarray(from, from + size);
  }
}

/** Bytes in which no two blocks are alike. A loop, since `Uint8Array.from` takes seconds for the sizes used here. */
function patterned(size: number): Uint8Array {
  const body = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) body[at] = at * 31 + (at >> 9);
  return body;
}

export function describeStreams(open: () => Promise<Specimen>): void {
  it.each([0, 1, 8 * 1024 * 1024, 20_000_000])('of %i bytes come back as they were put', async (size) => {
    await using specimen = await open();
    const { store } = specimen;
    const body = patterned(size);
    expect(await store.put('streamed', pieces(body, 65_537), MP3)).toBe(true);
    expect(await store.head('streamed')).toMatchObject({ bytes: size });
    const read = Buffer.concat(await Array.fromAsync(store.read('streamed')));
    expect(Buffer.compare(read, body)).toBe(0);
    expect(Buffer.compare(await store.get('streamed'), body)).toBe(0);
  });

  it.each([100, 17_000_000])('that break off after %i bytes leave the old object', async (failAfter) => {
    await using specimen = await open();
    const { store } = specimen;
    await store.put('kept', bytes('as it was'), MP3);
    const broken = pieces(patterned(20_000_000), 65_537, failAfter);
    await expect(store.put('kept', broken, MP3)).rejects.toThrow('the source broke off');
    expect(text(await store.get('kept'))).toBe('as it was');
    expect(await keysOf(store, '')).toEqual(['kept']);
  });

  it('need not be read to their end', async () => {
    await using specimen = await open();
    await specimen.store.put('a', patterned(5_000_000), MP3);
    for await (const piece of specimen.store.read('a')) {
      expect(piece[1]).toBe(31);
      break;
    }
  });

  it('of a missing object, or of a version that was replaced, are not-found', async () => {
    await using specimen = await open();
    const { store } = specimen;
    const absent = { code: 'not-found' };
    await expect(Array.fromAsync(store.read('never'))).rejects.toMatchObject(absent);
    await store.put('a', bytes('first'), MP3);
    const first = await store.head('a');
    expect(text(Buffer.concat(await Array.fromAsync(store.read('a', first?.version))))).toBe('first');
    await store.put('a', bytes('other'), MP3);
    await expect(Array.fromAsync(store.read('a', first?.version))).rejects.toMatchObject(absent);
  });
}

export function describeVersions(open: () => Promise<Specimen>): void {
  it('change when an object is replaced, and are the same in list and head', async () => {
    await using specimen = await open();
    const { store } = specimen;
    const versions = new Set<string>();
    for (const body of ['one', 'two', 'six']) {
      await store.put('a', bytes(body), MP3);
      const [listed] = await Array.fromAsync(store.list('a'));
      expect((await store.head('a'))?.version).toBe(listed?.version);
      versions.add(listed?.version ?? '');
    }
    expect(versions.size).toBe(3);
  });
}

export function describeMetadata(open: () => Promise<Specimen>, { keepsMetadata }: Traits): void {
  it(keepsMetadata ? 'keeps metadata' : 'returns no metadata, since it keeps none', async () => {
    await using specimen = await open();
    const metadata = { 'setlist-sha256': 'abc=', voice: 'Matthew (US)' };
    await specimen.store.put('a', bytes('x'), { ...MP3, metadata });
    await specimen.store.put('b', bytes('x'), MP3);
    const [a, b] = [await specimen.store.head('a'), await specimen.store.head('b')];
    expect([a?.metadata, b?.metadata]).toEqual(keepsMetadata ? [metadata, {}] : [undefined, undefined]);
  });

  it.each([
    ['a name in capitals', { Voice: 'x' }],
    ['a value beyond ASCII', { voice: 'Céline' }],
    ['a line break', { voice: 'a\r\nx-amz-acl: public-read' }],
    ['more than 2,048 bytes', { voice: 'x'.repeat(2048) }],
  ])('refuses metadata with %s and stores nothing', async (_title, metadata) => {
    await using specimen = await open();
    await expect(specimen.store.put('a', bytes('x'), { ...MP3, metadata })).rejects.toThrow(TypeError);
    expect(await specimen.store.head('a')).toBeUndefined();
  });
}

export function describeAbsence(open: () => Promise<Specimen>): void {
  it('is reported, unlike an empty object', async () => {
    await using specimen = await open();
    expect(await specimen.store.head('absent.mp3')).toBeUndefined();
    await expect(specimen.store.get('absent.mp3')).rejects.toMatchObject({
      name: 'StoreError',
      code: 'not-found',
      retryable: false,
      message: expect.stringContaining('absent.mp3'),
    });
  });

  it('includes a folder, which is not an object', async () => {
    await using specimen = await open();
    await specimen.store.put('folder/a.mp3', bytes('x'), MP3);
    expect(await specimen.store.head('folder')).toBeUndefined();
    await expect(specimen.store.get('folder')).rejects.toMatchObject({ code: 'not-found' });
    await expect(copyWithin(specimen.store, 'folder', 'b', 'x')).rejects.toMatchObject({ code: 'not-found' });
    await specimen.store.delete('folder');
    expect(text(await specimen.store.get('folder/a.mp3'))).toBe('x');
    expect(await specimen.store.head('folder/a.mp3/below')).toBeUndefined();
  });

  it('can be deleted again, or without ever having existed', async () => {
    await using specimen = await open();
    await specimen.store.put('audio/a.mp3', bytes('x'), MP3);
    await specimen.store.delete('audio/a.mp3');
    await specimen.store.delete('audio/a.mp3');
    await specimen.store.delete('never/was.mp3');
    expect(await specimen.store.head('audio/a.mp3')).toBeUndefined();
  });
}

export function describeCopies(open: () => Promise<Specimen>): void {
  it('are independent of their originals', async () => {
    await using specimen = await open();
    const { store } = specimen;
    await store.put('audio/hash.mp3', bytes('first'), MP3);
    await copyWithin(store, 'audio/hash.mp3', 'romeo/item 1.mp3', 'first');
    await store.put('audio/hash.mp3', bytes('second'), MP3);
    expect(text(await store.get('romeo/item 1.mp3'))).toBe('first');
    await store.delete('audio/hash.mp3');
    expect(text(await store.get('romeo/item 1.mp3'))).toBe('first');
  });

  it('replace an existing object', async () => {
    await using specimen = await open();
    await specimen.store.put('new', bytes('new'), MP3);
    await specimen.store.put('old', bytes('a longer, older body'), MP3);
    await copyWithin(specimen.store, 'new', 'old', 'new');
    expect(text(await specimen.store.get('old'))).toBe('new');
  });

  it('of a missing object fail, and leave the target as it is', async () => {
    await using specimen = await open();
    await specimen.store.put('target', bytes('kept'), MP3);
    for (const to of ['target', 'absent']) {
      const copy = copyWithin(specimen.store, 'absent', to, 'kept');
      await expect(copy).rejects.toMatchObject({ code: 'not-found' });
    }
    expect(text(await specimen.store.get('target'))).toBe('kept');
  });

  it('of an object to itself change nothing', async () => {
    await using specimen = await open();
    await specimen.store.put('a', bytes('same'), MP3);
    await copyWithin(specimen.store, 'a', 'a', 'same');
    expect(text(await specimen.store.get('a'))).toBe('same');
  });
}
