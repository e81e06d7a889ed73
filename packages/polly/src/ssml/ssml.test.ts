/** What Polly would refuse is refused here first: per engine, at the right place, with a remedy. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSsml, ENGINES, type Engine } from '../index.ts';

const inSpeak = (content: string) => `<speak>${content}</speak>`;

/** The engines that accept a piece of SSML. */
function takers(content: string): Engine[] {
  return ENGINES.filter((engine) => checkSsml(inSpeak(content), { engine }).length === 0);
}

const ALL = [...ENGINES];
const BUT_GENERATIVE: Engine[] = ['standard', 'neural', 'long-form'];

describe('by engine', () => {
  test.each<[string, Engine[]]>([
    ['Plain text.', ALL],
    ['a<break/>b<break time="10s"/>c<break strength="x-strong" time="500ms"/>', ALL],
    ['<p><s>One.</s></p><mark name="here"/>', ALL],
    ['<lang xml:lang="fr-FR">Oui.</lang>', ALL],
    ['<phoneme alphabet="ipa" ph="pɪˈkɑːn">pecan</phoneme>', ALL],
    ['<say-as interpret-as="date" format="mdy">12-31-1900</say-as>', ALL],
    ['<say-as interpret-as="characters">abc</say-as>', ALL],
    ['<sub alias="Mercury">Hg</sub> <w role="amazon:VBD">read</w>', ALL],
    ['<prosody rate="85%" volume="-6dB">Slow.</prosody>', ALL],
    ['<prosody pitch="low">Low.</prosody>', ['standard']],
    ['<prosody amazon:max-duration="2s">Quick.</prosody>', ['standard']],
    ['<emphasis level="strong">so</emphasis>', ['standard']],
    ['<amazon:auto-breaths frequency="low">Breathe.</amazon:auto-breaths>', ['standard']],
    ['<amazon:breath duration="long" volume="x-loud"/>', ['standard']],
    ['<amazon:effect name="whispered">Hush.</amazon:effect>', ['standard']],
    ['<amazon:effect phonation="soft">Soft.</amazon:effect>', ['standard']],
    ['<amazon:effect vocal-tract-length="+15%">Big.</amazon:effect>', ['standard']],
    ['<amazon:effect name="drc">Loud.</amazon:effect>', BUT_GENERATIVE],
    ['<amazon:domain name="news">News.</amazon:domain>', ['neural']],
    ['He said <prosody rate="slow">no</prosody> to it.', BUT_GENERATIVE],
    ['Well. <prosody rate="slow">He said no.</prosody> Then he left.', ALL],
    ['A heading <prosody rate="slow">Some text</prosody> Another heading', ALL],
  ])('%s', (content, engines) => {
    expect(takers(content)).toEqual(engines);
  });
});

describe('values', () => {
  test.each<[string, string[], string[]]>([
    [
      '<break time="_"/>',
      ['0s', '10s', '10000ms', '.5s', '1.5s', '+3s'],
      ['10.1s', '10001ms', '3', '3 s', '-1s', ''],
    ],
    ['<break strength="_"/>', ['none', 'x-weak', 'medium'], ['huge', 'Strong', '']],
    [
      '<prosody rate="_">a</prosody>',
      ['slow', 'default', '20%', '200%', '-10%', '+50%', '-80%'],
      ['19%', '201%', '-81%', '2', 'quick'],
    ],
    ['<prosody volume="_">a</prosody>', ['silent', '+6dB', '-0.5dB'], ['6dB', '+6db', '120%', 'louder']],
    ['<prosody pitch="_">a</prosody>', ['x-high', '+5%', '-10.5%'], ['5%', '+2st', '120Hz']],
    ['<prosody amazon:max-duration="_">a</prosody>', ['2s', '2400ms', '90s'], ['2', 'short']],
    ['<emphasis level="_">a</emphasis>', ['strong', 'moderate', 'reduced'], ['none', 'Strong']],
    ['<say-as interpret-as="_">1</say-as>', ['digits', 'telephone', 'expletive'], ['character', 'currency']],
    ['<say-as interpret-as="date" format="_">1</say-as>', ['dmy', 'yyyymmdd'], ['ddmmyyyy']],
    ['<lang xml:lang="_">a</lang>', ['fr-FR', 'arb', 'en-GB-WLS'], ['fr', 'fr-fr', 'xx-XX', 'constructor']],
    ['<phoneme alphabet="_" ph="a">a</phoneme>', ['ipa', 'x-sampa', 'x-amazon-pinyin'], ['IPA', 'arpabet']],
    ['<w role="_">a</w>', ['amazon:VB', 'amazon:SENSE_1'], ['VB', 'ivona:VB']],
    ['<amazon:effect name="_">a</amazon:effect>', ['drc', 'whispered'], ['DRC', 'whisper', 'constructor']],
    ['<amazon:effect phonation="_">a</amazon:effect>', ['soft'], ['hard']],
    [
      '<amazon:effect vocal-tract-length="_">a</amazon:effect>',
      ['+15%', '-10%', '110%', '+300%'],
      ['15', 'long'],
    ],
    ['<amazon:breath volume="_"/>', ['default', 'x-loud'], ['silent']],
    ['<amazon:breath duration="_"/>', ['x-short'], ['1s']],
    ['<amazon:auto-breaths frequency="_">a</amazon:auto-breaths>', ['x-low', 'high'], ['often']],
    ['<mark name="_"/>', ['here', '1 & only'.replace('&', '&amp;')], ['', ' ']],
  ])('%s', (content, legal, illegal) => {
    const check = (value: string) => checkSsml(inSpeak(content.replace('_', value)), { engine: 'standard' });
    for (const value of legal) expect(check(value), value).toEqual([]);
    for (const value of illegal) {
      expect(check(value), value).toEqual([
        expect.objectContaining({
          kind: 'malformed',
          line: 1,
          column: 8,
          remedy: expect.stringMatching(/^Write ./),
        }),
      ]);
    }
  });

  test.each([
    ['<sub>Hg</sub>', '`alias`'],
    ['<phoneme alphabet="ipa">a</phoneme>', '`ph`'],
    ['<say-as>1</say-as>', '`interpret-as`'],
    ['<mark/>', '`name`'],
    ['<w>a</w>', '`role`'],
    ['<lang>a</lang>', '`xml:lang`'],
    ['<amazon:domain>a</amazon:domain>', '`name`'],
    ['<prosody>a</prosody>', '`rate`'],
    ['<amazon:effect>a</amazon:effect>', '`name`'],
    ['<p align="left">a</p>', '`align`'],
    ['<break duration="1s"/>', '`duration`'],
  ])('%s needs or knows no %s', (content, attribute) => {
    const [problem] = checkSsml(inSpeak(content), { engine: 'neural' });
    expect(problem).toMatchObject({ kind: 'malformed' });
    expect(`${problem?.message} ${problem?.remedy}`).toContain(attribute);
  });
});

describe('well-formedness', () => {
  test.each([
    [
      'no root, which the reference let through',
      '<prosody rate="slow">Dull roots</prosody>',
      { line: 1, column: 1 },
      '<speak>…</speak>',
    ],
    ['no tags at all', '\n  Hello', { line: 2, column: 3 }, '<speak>…</speak>'],
    ['nothing at all', '', { line: 1, column: 1 }, '<speak>…</speak>'],
    ['text after the root', '<speak>a</speak> b', { line: 1, column: 1 }, '<speak>…</speak>'],
    ['two roots', '<speak>a</speak>\n<speak>b</speak>', { line: 1, column: 1 }, '<speak>…</speak>'],
    ['a root within the root', '<speak>a\n<speak>b</speak></speak>', { line: 2, column: 1 }, 'outermost'],
    ['a bare ampersand', '<speak>Romeo\n& Juliet</speak>', { line: 2, column: 1 }, '`&amp;`'],
    ['an entity of HTML', '<speak>a&nbsp;b</speak>', { line: 1, column: 9 }, 'character itself'],
    ['a bare bracket', '<speak>1 < 2</speak>', { line: 1, column: 10 }, '`&lt;`'],
    ['a control character', '<speak>\u0007</speak>', { line: 1, column: 8 }, 'Remove it'],
    ['an unclosed tag', '<speak>\r\n <p>a</speak>', { line: 2, column: 2 }, '</p>'],
    ['an unclosed pause', '<speak>😀<break time="1s"></speak>', { line: 1, column: 10 }, '<break/>'],
    ['an unclosed root', '<speak>a', { line: 1, column: 1 }, '</speak>'],
    ['a tag that closes nothing', '<speak>a</p> b</speak>', { line: 1, column: 9 }, 'open the tag'],
    ['a value without quotes', '<speak><break time=1s/></speak>', { line: 1, column: 20 }, 'spelling'],
    ['an attribute twice', '<speak><break time="1s" time="2s"/></speak>', { line: 1, column: 8 }, 'Keep one'],
    ['a document type', '<!DOCTYPE speak><speak>a</speak>', { line: 1, column: 1 }, 'Remove it'],
    ['a CDATA section', '<speak>a <![CDATA[b]]></speak>', { line: 1, column: 10 }, '`&amp;`'],
    ['a processing instruction', '<speak>a<?php b ?></speak>', { line: 1, column: 9 }, 'Remove it'],
    ['text within a pause', '<speak><break>a</break></speak>', { line: 1, column: 8 }, '<break/>'],
  ])('reports %s', (_, ssml, place, remedy) => {
    expect(checkSsml(ssml, { engine: 'neural' })).toEqual([
      expect.objectContaining({ kind: 'malformed', ...place, remedy: expect.stringContaining(remedy) }),
    ]);
  });

  test.each([
    '<?xml version="1.0"?>\n<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">a</speak>',
    ' <speak>R&amp;J &lt;3 &#233; <!-- a & b < c --></speak>\n',
    '<speak><break time = "1s"\n strength=\'weak\' /></speak>',
  ])('takes %j', (ssml) => {
    expect(checkSsml(ssml, { engine: 'neural' })).toEqual([]);
  });

  test('reports everything at once, in the order of the text', () => {
    const ssml = '<prosody pitch="low">\n  R & J <audio src="x"/>\n  <break time="1m"/></prosody>';
    expect(
      checkSsml(ssml, { engine: 'neural' }).map(({ line, column, kind }) => [line, column, kind]),
    ).toEqual([
      [1, 1, 'malformed'],
      [1, 1, 'unsupported'],
      [2, 5, 'malformed'],
      [2, 9, 'unknown-tag'],
      [3, 3, 'malformed'],
    ]);
  });

  test('survives any text, and points into it', () => {
    const piece = fc.constantFrom(
      '<speak>',
      '</speak>',
      '<p>',
      '</p>',
      '<break/>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&',
      '<',
      '"',
      'a',
      '\n',
      '😀',
      '<?x',
      '?>',
      '<!DOCTYPE',
    );
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom(...ENGINES), (pieces, engine) => {
        const ssml = pieces.join('');
        const lines = ssml.split('\n');
        for (const { line, column } of checkSsml(ssml, { engine })) {
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1);
        }
      }),
    );
  });
});

describe('remedies', () => {
  const whisper = inSpeak('<amazon:effect name="whispered">Hush.</amazon:effect>');
  test.each([
    ['no particular voice', undefined, 'use `engine: standard`.'],
    ['a voice that has the engine', 'Matthew', 'use `engine: standard`.'],
    ['a voice that does not', 'Arthur', '`engine: standard` with another voice, such as `voice-id: Brian`'],
    ['a language without such a voice', 'Suvi', 'with a voice that has it (Suvi does not)'],
  ])('for %s name an engine, and another voice if needed', (_, voice, remedy) => {
    const problems = checkSsml(whisper, { engine: 'neural', ...(voice && { voice }) });
    expect(problems).toEqual([
      expect.objectContaining({
        kind: 'unsupported',
        remedy: expect.stringContaining(remedy),
      }),
    ]);
    expect(problems[0]?.remedy).toContain('Remove the effect, or');
  });

  test('name the voices of the newscaster style', () => {
    const news = inSpeak('<amazon:domain name="news">a</amazon:domain>');
    expect(checkSsml(news, { engine: 'neural', voice: 'Joanna' })).toEqual([]);
    expect(checkSsml(news, { engine: 'neural', voice: 'Ruth' })).toEqual([
      expect.objectContaining({ kind: 'unsupported', remedy: expect.stringContaining('Joanna') }),
    ]);
  });

  test.each([
    ['<Break/>', '<break>'],
    ['<effect name="drc">a</effect>', '<amazon:effect>'],
    ['<sayas>a</sayas>', '<say-as>'],
    ['<voice name="Amy">a</voice>', '`voice-id`'],
    ['<blink>a</blink>', '<amazon:auto-breaths>'],
  ])('for %s suggest %s', (content, suggestion) => {
    expect(checkSsml(inSpeak(content), { engine: 'neural' })).toEqual([
      expect.objectContaining({ kind: 'unknown-tag', remedy: expect.stringContaining(suggestion) }),
    ]);
  });
});

test('checking takes linear time: 20,000 phrases, and texts designed to be slow, take seconds', () => {
  const phrase = inSpeak('It was a dark and <break time="300ms"/>stormy night; the rain &amp; wind fell.');
  const before = process.cpuUsage();
  for (let count = 0; count < 20_000; count += 1) checkSsml(phrase, { engine: 'neural' });
  for (const nasty of ['<', '&', '<!--', '<![CDATA[', '<a ', '<p>'])
    checkSsml(nasty.repeat(40_000), { engine: 'neural' });
  expect(process.cpuUsage(before).user / 1e6, 'seconds on the CPU').toBeLessThan(8);
});
