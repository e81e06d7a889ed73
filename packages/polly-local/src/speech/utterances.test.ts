import { describe, expect, it } from 'vitest';
import { piecesOf } from '../engine/synthesizer.ts';
import { type Utterance, utterancesOf } from './utterances.ts';

const parts = (text: string, language = 'en-US') =>
  utterancesOf(
    piecesOf({ text, textType: text.startsWith('<speak>') ? 'ssml' : 'text', language, pronunciations: [] }),
    language,
  );
const utterances = (text: string, language?: string) =>
  parts(text, language).filter((part): part is Utterance => part.kind === 'utterance');
const markups = (text: string, language?: string) =>
  utterances(text, language).map(({ markup }) => markup.replace(/<mark name="\d+"\/>/g, '').trim());

describe('utterances', () => {
  it('are the sentences of a text, none of which "Mr." ends', () => {
    expect(markups('Mr. Smith met J. Doe at 3.15 p.m. today. Really? “Yes!” he said.')).toEqual([
      'Mr Smith met J. Doe at 3.15 p.m. today.',
      'Really?',
      '“Yes!” he said.',
    ]);
    expect(markups('元気ですか？はい。', 'ja-JP')).toEqual(['元気ですか？', 'はい。']);
  });

  it.each([
    ['en-US', 'Version 2.0 is out. 3 people know.', ['Version 2.0 is out.', '3 people know.']],
    ['en-US', 'It is “out.” 3 people know it.', ['It is “out.”', '3 people know it.']],
    ['en-US', 'It costs $5. 3 people know.', ['It costs $5.', '3 people know.']],
    ['en-US', 'In Jan. 2024, on p. 5 of vol. 2.', ['In Jan 2024, on p. 5 of vol 2.']],
    ['en-US', 'Until 5 p.m. 3 people came.', ['Until 5 p.m 3 people came.']],
    ['de-DE', 'Am 3. 5. 2024 kam er.', ['Am 3. 5. 2024 kam er.']],
  ])('end at a full stop before a number that doesn’t belong to it, in %s: %s', (language, text, said) => {
    expect(markups(text, language)).toEqual(said);
  });

  it('are found even if a number follows each of many full stops', () => {
    expect(utterances('a. 3 b. '.repeat(12_000))).toHaveLength(12_001);
    expect(utterances('p.m. 3 '.repeat(14_000)).flatMap(({ sentence }) => sentence ?? [])).toHaveLength(1);
  });

  it('omit an abbreviation’s full stop if the engine would drop the mark after it', () => {
    expect(markups('Dr. Smith and St. Paul, etc., saw a. and U.S. (old) troops…')).toEqual([
      'Dr Smith and St Paul, etc, saw a. and U.S (old) troops…',
    ]);
    expect(markups('Sig. Bianchi e il Dr. Rossi', 'it-IT')).toEqual(['Sig Bianchi e il Dr. Rossi']);
    const [said] = utterances('am 3. 5. kam', 'de-DE');
    expect(said?.markup).toBe(' <mark name="0"/>am <mark name="1"/>3. 5. <mark name="3"/>kam');
    expect(said?.marked).toHaveLength(4);
  });

  it('mark each word once, by its index in the list of marked pieces', () => {
    const [sentence] = utterances('<speak>Mary had <mark name="animal"/>a lamb, &amp; more.</speak>');
    expect(sentence?.markup).toBe(
      ' <mark name="0"/>Mary <mark name="1"/>had<mark name="2"/> <mark name="3"/>a <mark name="4"/>lamb, &amp; <mark name="5"/>more.',
    );
    expect(sentence?.marked.map((marked) => (marked.kind === 'mark' ? marked.name : marked.text))).toEqual([
      'Mary',
      'had',
      'animal',
      'a',
      'lamb,',
      'more.',
    ]);
  });

  it('have silence between sentences, more between paragraphs, none at the end', () => {
    const silences = (text: string) =>
      parts(text).map((part) => (part.kind === 'silence' ? part.ms : 'said'));
    expect(silences('One. Two.\n\nThree.')).toEqual(['said', 320, 'said', 700, 'said']);
    expect(silences('<speak><p><s>One</s><s>Two</s></p><p>Three</p></speak>')).toEqual([
      'said',
      320,
      'said',
      700,
      'said',
    ]);
  });

  it.each([
    ['a mark after the last sentence', 'One.<mark name="m"/>', ['said', 'm']],
    ['a mark between sentences', '<s>One</s><mark name="m"/><s>Two</s>', ['said', 320, 'said']],
    ['a mark before the first sentence', '<mark name="m"/><s>One</s><s>Two</s>', ['said', 320, 'said']],
    ['a break between sentences', '<s>One</s><break time="100ms"/><s>Two</s>', ['said', 320, 100, 'said']],
    ['a break after the last sentence', '<p>One</p><break time="100ms"/>', ['said', 100]],
    ['marks around a break', 'One <mark name="a"/><break/><mark name="b"/>', ['said', 'a', 150, 'b']],
    ['a mark alone', '<mark name="m"/>', ['m']],
  ])('add no silence for parts without words: %s', (_, text, expected) => {
    const told = parts(`<speak>${text}</speak>`).flatMap((part): (string | number)[] => {
      if (part.kind === 'moment') return part.marks.map(({ name }) => name);
      return [part.kind === 'silence' ? part.ms : 'said'];
    });
    expect(told).toEqual(expected);
  });

  it('escape what espeak would take for markup or phonemes', () => {
    expect(markups('a <b> [[x]] \u0000 & "c"')).toEqual(['a &lt;b&gt; [ [x]]   &amp; &quot;c&quot;']);
  });

  it('change with the language and the whisper', () => {
    const spoken = utterances(
      '<speak>Say <lang xml:lang="fr-FR">bonjour</lang> and <amazon:effect name="whispered">hush</amazon:effect></speak>',
    );
    expect(spoken.map(({ language, whispered }) => [language, whispered])).toEqual([
      ['en-US', false],
      ['fr-FR', false],
      ['en-US', false],
      ['en-US', true],
    ]);
    expect(spoken.filter(({ sentence }) => sentence)).toHaveLength(1);
  });

  it('stay within the engine’s buffer, whatever the sentence', () => {
    const long = utterances(`${'word '.repeat(19_000)}`);
    for (const { markup } of long) expect(Buffer.byteLength(markup)).toBeLessThan(100_000);
    expect(long.flatMap(({ marked }) => marked)).toHaveLength(19_000);
  });

  it('speak a word’s letters if the engine has no sound for its phonemes', () => {
    expect(markups('<speak><phoneme alphabet="ipa" ph="ǃ">click</phoneme></speak>')).toEqual(['click']);
  });

  it('convert decibels, which espeak would take for percent', () => {
    expect(markups('<speak><prosody volume="+6dB" rate="80%">loud</prosody></speak>')).toEqual([
      '<prosody rate="80%" volume="+100%">loud</prosody>',
    ]);
  });

  it.each([
    ['characters', undefined, 'abc', '<say-as interpret-as="characters">abc</say-as>'],
    ['spell-out', undefined, 'abc', '<say-as interpret-as="characters">abc</say-as>'],
    ['digits', undefined, '1234', '<say-as interpret-as="tts:digits">1234</say-as>'],
    ['ordinal', undefined, '22', '22nd'],
    ['ordinal', undefined, '113', '113th'],
    ['fraction', undefined, '3/20', '3 over 20'],
    ['date', 'mdy', '9/22/2025', 'September 22, 2025'],
    ['date', 'dmy', '22-9-2025', 'September 22, 2025'],
    ['date', 'md', '9.22', 'September 22'],
    ['date', undefined, '????0922', 'September 22'],
    ['date', 'mdy', '13/45/2025', '13/45/2025'],
    ['time', undefined, '1\'21"', '1 minute 21 seconds'],
  ])('say %s (%s) of %s', (as, format, text, said) => {
    const attribute = format === undefined ? '' : ` format="${format}"`;
    expect(markups(`<speak><say-as interpret-as="${as}"${attribute}>${text}</say-as></speak>`)).toEqual([
      said,
    ]);
  });

  it('say dates in the language that is spoken', () => {
    const text = '<speak><say-as interpret-as="date" format="dmy">22.9.2025</say-as></speak>';
    expect(markups(text, 'de-DE')).toEqual(['22. September 2025']);
  });
});
