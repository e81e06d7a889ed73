/** Which places INBOX can name, and what may not be written there. */
import { describe, expect, it } from 'vitest';
import { InboxHoldsStore, inboxPlaces, requireApart, watchedAt } from './inbox-places.ts';

describe('INBOX', () => {
  it('can name folders and buckets, and counts each once', () => {
    expect(inboxPlaces(['in', 's3://a/x', 'in', 'S3://b', '/other'])).toEqual({
      folders: ['in', '/other'],
      buckets: ['s3://a/x', 'S3://b'],
    });
  });

  it('can name folders by file:///, the same ones as by their path', () => {
    expect(inboxPlaces(['file:///srv/in%201', '/srv/in 1', './a:b', 'C:\\in']).folders).toEqual([
      '/srv/in 1',
      './a:b',
      'C:\\in',
    ]);
  });

  it.each(['gs://b/in', 's3:/b/in', 'http://host/in', 'file://host/in', '"s3://b/in"'])(
    'takes no %s for a path',
    (place) => {
      expect(() => inboxPlaces(['in', place])).toThrow(
        expect.objectContaining({
          code: 'inbox-unreadable',
          message: expect.stringContaining(JSON.stringify(place)),
          remedy: expect.stringContaining('file:///'),
        }),
      );
    },
  );

  it.each([
    ['s3://b/sets', 's3://b/sets'],
    ['s3://b/sets/act-1', 's3://b/sets'],
    ['s3://b/sets-of-ours', undefined],
    ['s3://b/act-1', undefined],
    ['/srv/out/inbox', '/srv/out/inbox'],
    ['/srv/out/inbox/act-1', undefined],
    ['/srv/out/act-1', undefined],
  ])('watches what goes to %s in %s', (location, inbox) => {
    const places = { folders: ['/srv/out/inbox'], buckets: ['s3://b/sets'] };
    expect(watchedAt(location, places)).toBe(inbox);
  });

  it.each([
    ['s3://a/in', 's3://a/in', true],
    ['s3://a', 's3://a/audio', true],
    ['s3://a/in', 's3://a/in/audio', true],
    ['s3://a/in', 's3://a/inbox', false],
    ['s3://a/in', 's3://a', false],
    ['s3://a/in', 'file:///out', false],
  ])('%s may not hold the store %s: %s', (inbox, store, refused) => {
    const check = (): void => requireApart([inbox], [store]);
    if (refused) expect(check).toThrow(InboxHoldsStore);
    else expect(check).not.toThrow();
  });

  it.each(['s3://work', 's3://work/audio'])(
    '%s and its inbox may share a bucket as the remedy says',
    (store) => {
      const { remedy } = new InboxHoldsStore('s3://work', store);
      expect(remedy).toContain('s3://work/sets;');
      expect(() => requireApart(['s3://work/sets'], [store])).not.toThrow();
    },
  );
});
