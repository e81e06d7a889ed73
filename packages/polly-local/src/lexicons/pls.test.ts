import { describe, expect, it } from 'vitest';
import { fitsLanguage, parsePls } from './pls.ts';

const pls = (lexemes: string, attributes = 'alphabet="ipa" xml:lang="en-US"') =>
  `<?xml version="1.0" encoding="UTF-8"?>
  <lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" ${attributes}>${lexemes}</lexicon>`;
const W3C = '<lexeme><grapheme>W3C</grapheme><alias>World Wide Web Consortium</alias></lexeme>';

describe('pronunciation lexicons', () => {
  it('give every grapheme of a lexeme its first pronunciation', () => {
    const { entries, lexemesCount } = parsePls(
      pls(`${W3C}<lexeme><grapheme>pecan</grapheme><grapheme>Pecan</grapheme>
           <phoneme>pɪˈkɑːn</phoneme><phoneme>ˈpikæn</phoneme></lexeme>`),
    );
    expect(lexemesCount).toBe(2);
    expect(entries).toEqual([
      ['W3C', { kind: 'alias', text: 'World Wide Web Consortium' }],
      ['pecan', { kind: 'phonemes', ipa: 'pɪˈkɑːn' }],
      ['Pecan', { kind: 'phonemes', ipa: 'pɪˈkɑːn' }],
    ]);
  });

  it('convert X-SAMPA to the sounds that it denotes', () => {
    const lexeme = '<lexeme><grapheme>pecan</grapheme><phoneme>pI"kA:n</phoneme></lexeme>';
    const { alphabet, entries } = parsePls(pls(lexeme, 'alphabet="x-sampa" xml:lang="en"'));
    expect(alphabet).toBe('x-sampa');
    expect(entries).toEqual([['pecan', { kind: 'phonemes', ipa: 'pɪˈkɑːn' }]]);
  });

  it.each([
    ['InvalidLexiconException', 'not XML'],
    ['InvalidLexiconException', pls('<lexeme><grapheme>a</grapheme>')],
    ['InvalidLexiconException', pls('<lexeme><grapheme>a</grapheme></lexeme>')],
    ['InvalidLexiconException', pls('<lexeme><alias>a</alias></lexeme>')],
    ['InvalidLexiconException', pls(W3C, 'alphabet="ipa"')],
    ['InvalidLexiconException', '<speak/>'],
    ['UnsupportedPlsAlphabetException', pls(W3C, 'alphabet="arpabet" xml:lang="en-US"')],
    ['UnsupportedPlsLanguageException', pls(W3C, 'alphabet="ipa" xml:lang="tlh"')],
    [
      'MaxLexemeLengthExceededException',
      pls(`<lexeme><grapheme>a</grapheme><alias>${'b'.repeat(101)}</alias></lexeme>`),
    ],
  ])('are refused with %s', (code, content) => {
    expect(() => parsePls(content)).toThrow(expect.objectContaining({ code }));
  });

  it('apply to their language and its regions, and to no other', () => {
    expect(fitsLanguage('en', 'en-GB')).toBe(true);
    expect(fitsLanguage('en-US', 'en-US')).toBe(true);
    expect(fitsLanguage('en-US', 'en-GB')).toBe(false);
    expect(fitsLanguage('e', 'en-GB')).toBe(false);
  });
});
