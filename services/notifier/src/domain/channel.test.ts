import { expect, test } from 'vitest';
import { completed, SET_ID, stalled } from '../../test/set-events.ts';
import { noticeKey } from './channel.ts';

test('a key names the set, the kind and the occasion, and is safe in file names and Message-IDs', () => {
  expect(noticeKey(completed({ round: 2 }).id)).toBe(`${SET_ID}.completed.2`);
  expect(noticeKey(stalled().id)).toBe(`${SET_ID}.stalled.17`);
  expect(noticeKey('..//a b"<c>')).toBe('--.a-b--c-');
});
