/** Checks the key rule against what Linux, macOS, Windows and S3 were found to accept. */
import { describe, expect, it } from 'vitest';
import { checkObjectKey, foldObjectKey } from './object-key.ts';

describe('checkObjectKey accepts', () => {
  it.each([
    'a',
    'audio/0f3a.mp3',
    'Romeo & Juliet/act 1, scene 2 (take+3) 100%.mp3',
    'Übung/señor/日本語/🎧.ogg',
    'decomposed/u\u0308.mp3',
    'a..b/c.d.e',
    '-dash/_underscore/~tilde',
    'console/comma/com10/nullable.mp3',
    `${'a'.repeat(255)}/x`,
    `${'🎧'.repeat(63)}.ab`,
    Array.from({ length: 5 }, () => 'k'.repeat(204)).join('/'),
  ])('%s', (key) => {
    expect(checkObjectKey(key)).toBeUndefined();
  });
});

describe('checkObjectKey refuses', () => {
  it.each([
    ['an empty name', '', /is empty/],
    ['an absolute path', '/etc/passwd', /absolute/],
    ['a folder', 'audio/', /names a folder/],
    ['an empty part', 'audio//a.mp3', /empty part/],
    ['a step up', 'audio/../../a.mp3', /contains "\.\."/],
    ['a step nowhere', './a.mp3', /contains "\."/],
    ['a backslash', 'audio\\..\\a.mp3', /backslash/],
    ['a drive', 'C:/a.mp3', /contains :/],
    ['NUL', 'a\0.mp3', /U\+0000/],
    ['a line break', 'a\nb.mp3', /U\+000A/],
    ['a C1 control', 'a\u0085b.mp3', /U\+0085/],
    ['a line separator', 'a\u2028b.mp3', /U\+2028/],
    ['a character that XML cannot carry', 'a\uffff.mp3', /U\+FFFF/],
    ['half a surrogate pair', 'a\ud83c.mp3', /not valid Unicode/],
    ['a question mark', 'who?.mp3', /contains \?/],
    ['a leading space', 'a/ b.mp3', /begins or ends with a space/],
    ['a trailing space', 'a /b.mp3', /begins or ends with a space/],
    ['a no-break space at the end', 'a/b\u00a0', /begins or ends with a space/],
    ['a trailing dot', 'a./b.mp3', /ends with a dot/],
    ['a hidden file', 'a/.b.mp3', /begins with a dot/],
    ['a device', 'a/NUL', /device/],
    ['a device with an extension', 'a/com1.mp3', /device/],
    ['a device spelt with a superscript', 'LPT³.txt', /device/],
    ['a part of 256 bytes', 'a'.repeat(256), /256 bytes long.*at most 255/],
    ['a part counted in bytes, not characters', 'ü'.repeat(128), /256 bytes long/],
    ['a key of 1025 bytes', 'a/'.repeat(512).concat('b'), /1025 bytes long.*at most 1024/],
  ])('%s', (_title, key, message) => {
    const found = checkObjectKey(key);
    expect(found?.message).toMatch(message);
    expect(found?.remedy).toMatch(/\w/);
  });

  it.each(['C:/a.mp3', 'who?.mp3', 'a*|"<>.mp3', 'vol./b.mp3', 'a/NUL', 'LPT³.txt'])(
    '%s leniently, since only Windows can’t hold it',
    (key) => {
      expect(checkObjectKey(key)).toMatchObject({ lenient: true });
    },
  );

  it.each([
    'who?/../a.mp3',
    'who?/.a.mp3',
    'who?//a.mp3',
    'who?/a\\b.mp3',
    'who?\0.mp3',
    `?${'a'.repeat(255)}`,
  ])('%j strictly, since not only Windows refuses it', (key) => {
    expect(checkObjectKey(key)).toBeDefined();
    expect(checkObjectKey(key)).not.toHaveProperty('lenient');
  });

  it('keeps its message short and printable whatever the name', () => {
    const found = checkObjectKey(`${'🎧'.repeat(200)}\u0007`);
    expect(found?.message.length).toBeLessThan(250);
    expect(found?.message).not.toMatch(/\p{Cc}/u);
  });
});

describe('foldObjectKey', () => {
  it.each([
    ['Act One/A.MP3', 'act one/a.mp3'],
    ['u\u0308.mp3', '\u00fc.mp3'],
    ['\u0055\u0308.mp3', '\u00fc.mp3'],
    ['ΣΑΣ.mp3', 'σας.mp3'],
  ])('makes one file of %s and %s', (left, right) => {
    expect(foldObjectKey(left)).toBe(foldObjectKey(right));
  });

  it.each([
    ['a.mp3', 'a.ogg'],
    ['u.mp3', 'ü.mp3'],
    ['Maße.mp3', 'Masse.mp3'],
    ['a/b.mp3', 'a-b.mp3'],
  ])('keeps %s and %s apart', (left, right) => {
    expect(foldObjectKey(left)).not.toBe(foldObjectKey(right));
  });
});
