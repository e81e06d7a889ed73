import { namesItsAudio } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { adoptedKey, canonicalKey, probeKey } from './places.ts';

const HASH = 'a'.repeat(64);
const DIGEST = 'b'.repeat(64);

test.each([
  [canonicalKey(HASH, 'mp3'), true],
  [canonicalKey(HASH, 'ogg_vorbis'), true],
  [canonicalKey(HASH, 'json'), true],
  [adoptedKey(HASH, DIGEST, 'mp3'), true],
  [canonicalKey(DIGEST, 'mp3'), false],
  [probeKey(HASH, 'mp3'), false],
  [`setfiles/${HASH}.yml`, false],
  [`${HASH}.mp3`, false],
  [`audio/../setfiles/${HASH}.mp3`, false],
  [`audio/${HASH}.mp3/../../setfiles/a`, false],
])('that a payment names audio of its own sound by %s is %s', (object, names) => {
  expect(namesItsAudio({ object, hash: HASH })).toBe(names);
});
