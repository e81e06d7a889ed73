import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Sound, soundHash } from './index.ts';

const SOUND: Sound = {
  provider: 'polly',
  engine: 'neural',
  voice: 'Joanna',
  language: 'en-US',
  format: 'mp3',
  sampleRate: 24_000,
  textType: 'text',
  text: 'Mind the gap.',
  lexicons: [],
  speechMarks: [],
};
const digest = (digit: string): string => digit.repeat(64);

describe('the content hash of a sound', () => {
  test('never changes, since stored audio is found by it', () => {
    expect(soundHash(SOUND)).toBe('76028b1649f9e1239fc9bc2352fd9cd3b65a61163a1fd493cbed3f696c3686d3');
  });

  test.each<[string, Partial<Sound>]>([
    ['provider', { provider: 'local' }],
    ['engine', { engine: 'standard' }],
    ['voice', { voice: 'Matthew' }],
    ['language', { language: 'en-GB' }],
    ['format', { format: 'ogg_vorbis' }],
    ['sample rate', { sampleRate: 22_050 }],
    ['text type', { textType: 'ssml' }],
    ['text', { text: 'Mind the gap' }],
    ['lexicon content', { lexicons: [{ name: 'a', sha256: digest('1') }] }],
    ['speech marks', { speechMarks: ['word'] }],
  ])('differs with the %s', (_, change) => {
    expect(soundHash({ ...SOUND, ...change })).not.toBe(soundHash(SOUND));
  });

  test('differs with the order of lexicons, which decides which one wins, but not with their names', () => {
    const [one, two] = [digest('1'), digest('2')];
    const named = (name: string, ...contents: string[]) =>
      soundHash({ ...SOUND, lexicons: contents.map((sha256) => ({ name, sha256 })) });
    expect(named('a', one, two)).not.toBe(named('a', two, one));
    expect(named('a', one)).toBe(named('b', one));
  });

  test('is the same whatever the order of speech marks', () => {
    expect(soundHash({ ...SOUND, speechMarks: ['word', 'sentence'] })).toBe(
      soundHash({ ...SOUND, speechMarks: ['sentence', 'word'] }),
    );
  });

  test('never confuses two fields', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (voice, text) => {
        fc.pre(voice !== text);
        expect(soundHash({ ...SOUND, voice, text })).not.toBe(
          soundHash({ ...SOUND, voice: text, text: voice }),
        );
      }),
    );
  });
});
