/** Conformance: what is put comes back, what is not there is said to be absent, and copies stand alone. */
import { expect, it } from 'vitest';
import { bytes, keysOf, MP3, type Specimen, type Traits, text } from './specimen.ts';

export function describeBodies(open: () => Promise<Specimen>): void {
  it('gives back what was put, an empty body too', async () => {
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

  it('stores a view of a larger buffer, not the buffer', async () => {
    await using specimen = await open();
    await specimen.store.put('view', bytes('-middle-').subarray(1, 7), MP3);
    expect(text(await specimen.store.get('view'))).toBe('middle');
  });

  it('replaces an object by a shorter one', async () => {
    await using specimen = await open();
    await specimen.store.put('a', bytes('a long first body'), MP3);
    await specimen.store.put('a', bytes('short'), MP3);
    expect(text(await specimen.store.get('a'))).toBe('short');
  });

  it('is found usable, and the check leaves no object behind', async () => {
    await using specimen = await open();
    await specimen.store.check();
    expect(await keysOf(specimen.store, '')).toEqual([]);
  });
}

export function describeMetadata(open: () => Promise<Specimen>, { keepsMetadata }: Traits): void {
  it(keepsMetadata ? 'keeps metadata' : 'says that it keeps no metadata by giving none', async () => {
    await using specimen = await open();
    const metadata = { 'setlist-sha256': 'abc=', voice: 'Matthew (US)' };
    await specimen.store.put('a', bytes('x'), { ...MP3, metadata });
    await specimen.store.put('b', bytes('x'), MP3);
    expect(await specimen.store.head('a')).toEqual(keepsMetadata ? { bytes: 1, metadata } : { bytes: 1 });
    expect(await specimen.store.head('b')).toEqual(keepsMetadata ? { bytes: 1, metadata: {} } : { bytes: 1 });
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
  it('tells an absent object from an empty one', async () => {
    await using specimen = await open();
    expect(await specimen.store.head('absent.mp3')).toBeUndefined();
    await expect(specimen.store.get('absent.mp3')).rejects.toMatchObject({
      name: 'StoreError',
      code: 'not-found',
      retryable: false,
      message: expect.stringContaining('absent.mp3'),
    });
  });

  it('does not take a folder for an object', async () => {
    await using specimen = await open();
    await specimen.store.put('folder/a.mp3', bytes('x'), MP3);
    expect(await specimen.store.head('folder')).toBeUndefined();
    await expect(specimen.store.get('folder')).rejects.toMatchObject({ code: 'not-found' });
    await expect(specimen.store.copy('folder', 'b')).rejects.toMatchObject({ code: 'not-found' });
    await specimen.store.delete('folder');
    expect(text(await specimen.store.get('folder/a.mp3'))).toBe('x');
    expect(await specimen.store.head('folder/a.mp3/below')).toBeUndefined();
  });

  it('deletes an object twice, and one that never was', async () => {
    await using specimen = await open();
    await specimen.store.put('audio/a.mp3', bytes('x'), MP3);
    await specimen.store.delete('audio/a.mp3');
    await specimen.store.delete('audio/a.mp3');
    await specimen.store.delete('never/was.mp3');
    expect(await specimen.store.head('audio/a.mp3')).toBeUndefined();
  });
}

export function describeCopies(open: () => Promise<Specimen>): void {
  it('are independent of what they were copied from', async () => {
    await using specimen = await open();
    const { store } = specimen;
    await store.put('audio/hash.mp3', bytes('first'), MP3);
    await store.copy('audio/hash.mp3', 'romeo/item 1.mp3');
    await store.put('audio/hash.mp3', bytes('second'), MP3);
    expect(text(await store.get('romeo/item 1.mp3'))).toBe('first');
    await store.delete('audio/hash.mp3');
    expect(text(await store.get('romeo/item 1.mp3'))).toBe('first');
  });

  it('replace what was there', async () => {
    await using specimen = await open();
    await specimen.store.put('new', bytes('new'), MP3);
    await specimen.store.put('old', bytes('a longer, older body'), MP3);
    await specimen.store.copy('new', 'old');
    expect(text(await specimen.store.get('old'))).toBe('new');
  });

  it('of an object that is not there fail, and leave the target as it was', async () => {
    await using specimen = await open();
    await specimen.store.put('target', bytes('kept'), MP3);
    await expect(specimen.store.copy('absent', 'target')).rejects.toMatchObject({ code: 'not-found' });
    await expect(specimen.store.copy('absent', 'absent')).rejects.toMatchObject({ code: 'not-found' });
    expect(text(await specimen.store.get('target'))).toBe('kept');
  });

  it('of an object to itself change nothing', async () => {
    await using specimen = await open();
    await specimen.store.put('a', bytes('same'), MP3);
    await specimen.store.copy('a', 'a');
    expect(text(await specimen.store.get('a'))).toBe('same');
  });
}
