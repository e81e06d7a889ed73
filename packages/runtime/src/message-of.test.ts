import { expect, test } from 'vitest';
import { messageOf, remedyOf } from './message-of.ts';

test('reads the message of a failure, and its remedy if it has one', () => {
  const known = Object.assign(new Error('the disk is full'), { remedy: 'Make room on it.' });
  expect([messageOf(known), remedyOf(known)]).toEqual(['the disk is full', 'Make room on it.']);
  const odd = Object.assign(new Error('odd'), { remedy: 7 });
  expect([messageOf(odd), remedyOf(odd)]).toEqual(['odd', undefined]);
  for (const thrown of ['thrown', undefined, null])
    expect([messageOf(thrown), remedyOf(thrown)]).toEqual([String(thrown), undefined]);
});
