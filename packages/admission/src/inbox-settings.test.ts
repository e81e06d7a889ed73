/** Which places INBOX can name. */
import { describe, expect, it } from 'vitest';
import { inboxPlaces } from './inbox-settings.ts';

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
});
