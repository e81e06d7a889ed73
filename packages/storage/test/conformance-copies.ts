/** Conformance: a copy has the bytes that were stored, or is not made. */
import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { copyBetween } from '../src/index.ts';
import { bytes, MP3, type Specimen, text } from './specimen.ts';

const sha256 = (content: string): string => hash('sha256', content);

export function describeVerifiedCopies(open: () => Promise<Specimen>): void {
  it('are made of the expected bytes, within a store and into another', async () => {
    await using one = await open();
    await using other = await open();
    await one.store.put('audio/a b+ü.mp3', bytes('as it was'), MP3);
    const source = { store: one.store, key: 'audio/a b+ü.mp3' };
    for (const target of [one, other]) {
      await copyBetween(
        source,
        { store: target.store, key: 'named' },
        { ...MP3, sha256: sha256('as it was') },
      );
      expect(text(await target.store.get('named'))).toBe('as it was');
    }
  });

  it('of other bytes are refused, and the target stays as it is', async () => {
    await using one = await open();
    await using other = await open();
    await one.store.put('a', bytes('as it was'), MP3);
    const copy = (target: Specimen): Promise<void> =>
      copyBetween(
        { store: one.store, key: 'a' },
        { store: target.store, key: 'b' },
        { ...MP3, sha256: sha256('as it was') },
      );
    await copy(other);
    await one.store.put('a', bytes('changed'), MP3);
    for (const target of [one, other]) {
      await expect(copy(target)).rejects.toMatchObject({ code: 'damaged', retryable: false });
    }
    expect(text(await other.store.get('b'))).toBe('as it was');
    expect(await one.store.head('b')).toBeUndefined();
  });

  it('of a missing object are not-found', async () => {
    await using one = await open();
    await using other = await open();
    const copy = copyBetween(
      { store: one.store, key: 'absent' },
      { store: other.store, key: 'b' },
      { ...MP3, sha256: sha256('x') },
    );
    await expect(copy).rejects.toMatchObject({ code: 'not-found' });
  });
}
