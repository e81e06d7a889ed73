import { describe, expect, it } from 'vitest';
import { piecesOf } from '../engine/synthesizer.ts';
import type { Piece, Reading, Word } from './spoken-text.ts';

const read = (text: string, language = 'en-US', pronunciations: [string, Reading][] = []) =>
  piecesOf({ text, textType: text.startsWith('<speak>') ? 'ssml' : 'text', language, pronunciations });
const words = (pieces: Piece[]) => pieces.filter((piece): piece is Word => piece.kind === 'word');
const texts = (pieces: Piece[]) => words(pieces).map(({ text }) => text);

describe('reading a text', () => {
  it('gives every word’s position in bytes, even with accents and emoji', () => {
    const text = '<speak>Naïve “café” 🐋 &amp; <p>end</p></speak>';
    for (const word of words(read(text))) {
      expect(Buffer.from(text).subarray(word.start, word.end).toString()).toBe(word.source);
    }
    expect(texts(read(text))).toEqual(['Naïve', '“café”', '🐋', '&', 'end']);
  });

  it('treats tags in a plain text as text', () => {
    expect(
      texts(piecesOf({ text: 'a <b> &amp;', textType: 'text', language: 'en-US', pronunciations: [] })),
    ).toEqual(['a', '<b>', '&amp;']);
  });

  it('finds words in scripts without blanks, and keeps punctuation with them', () => {
    expect(texts(read('今日は世界。', 'ja-JP'))).toEqual(['今日', 'は', '世界。']);
    expect(texts(read('你好，世界！', 'cmn-CN'))).toEqual(['你好，', '世界！']);
  });

  it('cuts runs that are too long to be a word, but never inside an entity', () => {
    const parts = words(read(`<speak>${'ab&amp;'.repeat(300)}</speak>`));
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ text }) => text).join('')).toBe('ab&'.repeat(300));
  });

  it('replaces a lexicon’s graphemes: the longest first, whole words only, case-sensitively', () => {
    const lexicon: [string, Reading][] = [
      ['W3C', { kind: 'alias', text: 'World Wide Web Consortium' }],
      ['New York', { kind: 'alias', text: 'the city' }],
      ['New York City', { kind: 'alias', text: 'the Big Apple' }],
      ['AT&T', { kind: 'alias', text: 'telephones' }],
    ];
    const found = words(
      read('<speak>The W3C, not W3Cs or w3c, in New York City: AT&amp;T</speak>', 'en-US', lexicon),
    );
    expect(found.filter(({ reading }) => reading.kind === 'alias').map(({ text }) => text)).toEqual([
      'W3C',
      'New York City',
      'AT&T',
    ]);
  });

  it('replaces a lexicon’s graphemes within text of scripts without blanks', () => {
    const alias = { kind: 'alias', text: 'x' } as const;
    const replaced = (text: string, language: string, ...graphemes: string[]) =>
      words(
        read(
          text,
          language,
          graphemes.map((grapheme) => [grapheme, alias]),
        ),
      ).flatMap(({ reading, text: said }) => (reading.kind === 'alias' ? [said] : []));
    expect(replaced('昨日は東京スーパーでAIを見た。', 'ja-JP', '東京', 'スーパー', 'AI')).toEqual([
      '東京',
      'スーパー',
      'AI',
    ]);
    expect(replaced('我在北京大学。', 'cmn-CN', '北京')).toEqual(['北京']);
    expect(replaced('Tokyos AIs', 'en-US', 'Tokyo', 'AI')).toEqual([]);
  });

  it('never replaces the name of an entity by a lexicon', () => {
    const lexicon = ['amp', 'lt', 'xe9'].map((name): [string, Reading] => [
      name,
      { kind: 'alias', text: 'no' },
    ]);
    const found = words(read('<speak>Q&amp;A a &lt; b caf&#xe9; amp; lt</speak>', 'en-US', lexicon));
    expect(found.map(({ text }) => text)).toEqual(['Q&A', 'a', '<', 'b', 'café', 'amp', ';', 'lt']);
  });

  it('reads the content of sub, phoneme and say-as as one word', () => {
    const [word] = words(read('<speak><sub alias="mercury">H <b/>g</sub></speak>'));
    expect(word).toMatchObject({
      text: 'H g',
      source: 'H <b/>g',
      reading: { kind: 'alias', text: 'mercury' },
    });
    const [phoneme] = words(
      read('<speak><phoneme alphabet="x-sampa" ph="pI&quot;kA:n">pecan</phoneme></speak>'),
    );
    expect(phoneme?.reading).toEqual({ kind: 'phonemes', ipa: 'pɪˈkɑːn' });
  });

  it.each([
    ['x-amazon-pron-kana', "ヒロ'シマ", { kind: 'alias', text: 'ヒロシマ' }],
    ['x-amazon-yomigana', 'ひろしま', { kind: 'alias', text: 'ひろしま' }],
    ['x-amazon-pinyin', 'bao2', { kind: 'letters' }],
    ['x-amazon-jyutping', 'sing4', { kind: 'letters' }],
  ])('knows how to say a phoneme in %s', (alphabet, ph, reading) => {
    const text = `<speak><phoneme alphabet="${alphabet}" ph="${ph}">広島</phoneme></speak>`;
    expect(words(read(text, 'ja-JP'))).toMatchObject([{ text: '広島', reading }]);
  });

  it('gathers the style from all the elements around a word', () => {
    const [word] = words(
      read(
        '<speak><prosody rate="slow"><prosody volume="+6dB"><lang xml:lang="fr-FR"><amazon:effect name="whispered">ici</amazon:effect></lang></prosody></prosody></speak>',
      ),
    );
    expect(word?.style).toEqual({
      prosody: [{ rate: 'slow' }, { volume: '+6dB' }],
      language: 'fr-FR',
      whispered: true,
    });
  });

  it('turns breaks into milliseconds of at most ten seconds', () => {
    const pauses = read(
      '<speak>a<break time="1.5s"/>b<break time="300ms"/>c<break time="90s"/>d<break strength="none"/>e</speak>',
    ).flatMap((piece) => (piece.kind === 'pause' ? [piece.ms] : []));
    expect(pauses).toEqual([1_500, 300, 10_000, 0]);
  });

  it('skips comments and the XML declaration', () => {
    const text = '<?xml version="1.0"?>\n<speak>a <!-- b > c --> d</speak>';
    const pieces = piecesOf({ text, textType: 'ssml', language: 'en-US', pronunciations: [] });
    expect(texts(pieces)).toEqual(['a', 'd']);
  });
});
