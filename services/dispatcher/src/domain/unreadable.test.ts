import { describe, expect, test } from 'vitest';
import { identify } from './unreadable.ts';

const SET = 'a-set-20260105t090000-k3f9q2';
const HASH = 'a'.repeat(64);
const bytes = (content: unknown): Uint8Array => Buffer.from(JSON.stringify(content));

describe('the item of an unreadable request', () => {
  test('comes from its data, as far as that is readable', () => {
    const data = { index: 7, attempt: 2, file: 'a/b.mp3', hash: HASH, sound: 'nonsense' };
    expect(identify(bytes({ data }), SET)).toEqual({ index: 7, attempt: 2, file: 'a/b.mp3', hash: HASH });
    expect(identify(bytes({ data: { index: 7, hash: 'short', file: 3 } }), SET)).toEqual({
      index: 7,
      attempt: 1,
    });
  });

  test('comes from its id or its subject if the data does not have it', () => {
    const id = `${SET}/items/12/3/requested`;
    expect(identify(bytes({ id, data: { index: 'x' } }), SET)).toEqual({ index: 12, attempt: 3 });
    expect(identify(bytes({ subject: `${SET}/4` }), SET)).toEqual({ index: 4, attempt: 1 });
  });

  test.each([
    ['that is not JSON', Buffer.from('{"data":{"index":1')],
    ['that is not an object', bytes([1])],
    ['without any index', bytes({ id: 'x', subject: 'y', data: { index: -1 } })],
    ['whose id belongs to another set', bytes({ id: 'other/items/1/1/requested', subject: 'other/1' })],
  ])('is unknown for a request %s', (_, raw) => {
    expect(identify(raw, SET)).toBeUndefined();
  });
});
