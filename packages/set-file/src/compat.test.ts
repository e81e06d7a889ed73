/** Compat turns what the reference left to Polly into warnings; what can't work is still refused. */
import { describe, expect, it, test } from 'vitest';
import { accepted, messageOf, parse, problemsOf, withItems } from '../test/door.ts';

/** Names an engine, to avoid the warning about unnamed engines, which is not the subject of these files. */
const named = (file: string): string => file.replace('items:', 'defaults: {engine: neural}\nitems:');

const lenient: Record<string, [file: string, code: string]> = {
  'an unknown key of an item': [withItems('  - {text: a, languge-code: en-US}'), 'unknown-key'],
  'an unknown key of the set': ['set: {name: a, prefix: b}\nitems: [text: a]\n', 'unknown-key'],
  'a key of the reference in the wrong section': [
    'set: {name: a, voice-id: Joey}\nitems: [text: a]\n',
    'unknown-key',
  ],
  'an unknown section': ['x-notes: {a: b}\nset: {name: a}\nitems: [text: a]\n', 'unknown-key'],
  'a tag that the engine may refuse': [
    withItems(
      '  - {text-type: ssml, text: <speak><amazon:effect name="whispered">a</amazon:effect></speak>}',
    ),
    'ssml-unsupported',
  ],
  'SSML without <speak>': [withItems('  - {text-type: ssml, text: <s>a</s>}'), 'ssml-malformed'],
  'SSML that says nothing': [
    withItems('  - {text-type: ssml, text: <speak><p> <!-- a --> </p><prosody rate="slow"/></speak>}'),
    'ssml-empty',
  ],
  'a voice that may not have the engine': [
    withItems('  - {text: a, voice-id: Ivy, engine: long-form}'),
    'voice-engine',
  ],
  'a voice that may not have the language': [
    withItems('  - {text: a, voice-id: Brian, language-code: en-US}'),
    'voice-language',
  ],
  'a voice that may be new': [withItems('  - {text: a, voice-id: Novissima}'), 'unknown-voice'],
  'a language that may be new': [withItems('  - {text: a, language-code: la-VA}'), 'unknown-language'],
  'an extension of another format': [withItems('  - {text: a, output-file: a.ogg}'), 'extension'],
  'names that differ only in case': [
    withItems('  - {text: a, output-file: a.mp3}', '  - {text: b, output-file: A.mp3}'),
    'similar-file',
  ],
  'a name that only Windows can’t hold': [
    withItems('  - {text: a, output-file: "who-s-there?.mp3"}'),
    'bad-file-name',
  ],
  'a name with a wildcard': [withItems('  - {text: a, output-file: "x/a*.mp3"}'), 'bad-file-name'],
  'a name that looks like a drive': [withItems('  - {text: a, output-file: "Q: who.mp3"}'), 'bad-file-name'],
  'a set’s name that only Windows can’t use for a folder': [
    'set: {name: "Act 1: Verona"}\nitems: [{text: a, output-file: a.mp3}, {text: b, output-file: b.mp3}]\n',
    'bad-name',
  ],
  'a prefix that only Windows can’t hold': [
    'set: {name: a, output-prefix: "vol./act?"}\nitems: [text: a]\n',
    'bad-output-prefix',
  ],
};

test.each([
  '<break time="1s"/>',
  '<amazon:breath duration="long"/>',
  '<sub alias="water">H2O</sub>',
  '<mark name="a"/>',
  '7',
])('SSML that only contains %s causes no warning', (inner) => {
  const engine = inner.startsWith('<amazon:') ? 'standard' : 'neural';
  const file = withItems(
    '  - text-type: ssml',
    `    engine: ${engine}`,
    `    text: '<speak>${inner}</speak>'`,
  );
  expect(parse(file)).toMatchObject({ ok: true, warnings: [] });
});

describe('accepted with a warning', () => {
  test.each(Object.entries(lenient))('%s', (_, [file, code]) => {
    const result = parse(named(file), { compat: true });
    expect(result).toMatchObject({ ok: true, warnings: [{ code }] });
    expect(JSON.stringify(result.warnings)).not.toContain('--compat');
  });

  test.each(Object.entries(lenient))(
    '%s: refused without compat, with a hint to --compat',
    (_, [file, code]) => {
      expect(parse(file)).toMatchObject({ ok: false, problems: [{ code }], warnings: [] });
      expect(messageOf(file)).toMatch(/; or accept it with --compat\)$/);
    },
  );
});

const strict: Record<string, [file: string, code: string]> = {
  'a missing text': [withItems('  - {voice-id: Joanna}'), 'missing-text'],
  'two items with one file': [
    withItems('  - {text: a, output-file: a.mp3}', '  - {text: b, output-file: a.mp3}'),
    'duplicate-file',
  ],
  'a path that leaves the prefix after what only Windows refuses': [
    withItems('  - {text: a, output-file: "a?/./b.mp3"}'),
    'bad-file-name',
  ],
  'a path on a drive': [withItems('  - {text: a, output-file: "C:/a.mp3"}'), 'bad-file-name'],
  'a backslash after what only Windows refuses': [
    withItems("  - {text: a, output-file: 'a?/b\\c.mp3'}"),
    'bad-file-name',
  ],
  'a NUL after what only Windows refuses': [
    withItems('  - {text: a, output-file: "a?\\0.mp3"}'),
    'bad-file-name',
  ],
  'a hidden name': [withItems('  - {text: a, output-file: "a?/.b.mp3"}'), 'bad-file-name'],
  'an empty part of a name': [withItems('  - {text: a, output-file: "a?//b.mp3"}'), 'bad-file-name'],
  'the name of a set file that only Windows can’t hold': [
    withItems('  - {text: a, output-file: "a?.yml"}'),
    'bad-file-name',
  ],
  'a prefix with a slash at its end': [
    'set: {name: a, output-prefix: act-1/}\nitems: [text: a]\n',
    'bad-output-prefix',
  ],
  'a path that leaves the prefix': [withItems('  - {text: a, output-file: ../a.mp3}'), 'bad-file-name'],
  'the name of a set file': [withItems('  - {text: a, output-file: a.yml}'), 'bad-file-name'],
  'a text of the wrong structure': [withItems('  - text: {a: b}'), 'wrong-type'],
  'an engine that does not exist': [withItems('  - {text: a, engine: fast}'), 'unknown-value'],
  'an empty section': ['set: {name: a}\ndefaults:\nitems: [text: a]\n', 'empty-section'],
};

describe('refused even with compat', () => {
  test.each(Object.entries(strict))('%s', (_, [file, code]) => {
    expect(parse(file, { compat: true })).toMatchObject({ ok: false, problems: [{ code }] });
  });
});

it('accepts a prefix that looks like a drive, as a folder below the output', () => {
  const file = named('set: {name: a, output-prefix: "C:/prompts"}\nitems: [text: a]\n');
  expect(parse(file, { compat: true })).toMatchObject({
    ok: true,
    set: { prefix: 'C:/prompts' },
    warnings: [{ code: 'bad-output-prefix' }],
  });
});

it('accepts a name in .wav, but does not suggest it, since the file would not be one', () => {
  const file = named(withItems('  - {text: a, output-format: pcm, output-file: a.wav}'));
  expect(parse(file, { compat: true })).toMatchObject({ ok: true, warnings: [{ code: 'extension' }] });
  expect(messageOf(file)).toBe(
    '.wav does not fit the format pcm (Polly makes no WAV: end the name in .pcm; docs/by-use.md shows how to make WAV from pcm)',
  );
});

it('does not suggest --compat if that would not be enough', () => {
  const result = parse(withItems('  - {text: a, languge-code: en-US}', '  - {voice-id: Joanna}'));
  expect(result).toMatchObject({ ok: false, problemCount: 2 });
  expect(JSON.stringify(result)).not.toContain('--compat');
});

it('keeps warnings out of the problems of a refused file', () => {
  const file = withItems('  - {text: a, engine: neural, languge-code: en-US}', '  - {voice-id: Joanna}');
  expect(problemsOf(file, { compat: true })).toEqual(['5:5 missing-text items[1]']);
  expect(parse(file, { compat: true })).toMatchObject({ warnings: [{ code: 'unknown-key', line: 4 }] });
});

it('accepts a name as written', () => {
  const result = parse(withItems('  - {text: a, output-file: "x/who-s-there?*.mp3"}'), { compat: true });
  expect(result).toMatchObject({ ok: true, set: { items: [{ file: 'x/who-s-there?*.mp3' }] } });
});

describe('items without an engine, for which the reference’s code used another default than ours', () => {
  const file = withItems(
    '  - {text: a, engine: neural}',
    '  - {text: a, output-file: b.mp3}',
    '  - {text: b, voice-id: Joanna}',
  );

  it('are reported once per file, with the way to keep price and audio', () => {
    const result = parse(file, { compat: true });
    expect(result).toMatchObject({
      ok: true,
      warnings: [{ line: 5, column: 5, path: 'items[1]', code: 'unnamed-engine' }],
      set: { unnamedEngine: { items: 2, voices: ['Matthew', 'Joanna'] } },
    });
    expect(result.warnings[0]?.message).toMatch(
      /no engine is named here and in 1 more: taken as neural, .* the sample’s code took standard/,
    );
    expect(result.warnings[0]?.remedy).toMatch(/"engine: standard" under "defaults"/);
  });

  it.each([
    ['if defaults name an engine', named(file)],
    ['if each item does', withItems('  - {text: a, engine: standard}')],
    ['for a voice without the standard engine', withItems('  - {text: a, voice-id: Olivia}')],
  ])('are not reported %s', (_, file) => {
    expect(parse(file, { compat: true })).toMatchObject({ ok: true, warnings: [] });
    expect(accepted(file)).not.toHaveProperty('unnamedEngine');
  });

  const whispered = '<speak><amazon:effect name="whispered">a</amazon:effect></speak>';
  it.each([
    ['a voice without the neural engine', '{text: a, voice-id: Carmen}'],
    [
      'such a voice with tags',
      '{voice-id: Hans, text-type: ssml, text: <speak><prosody pitch="low">a</prosody></speak>}',
    ],
    ['tags that only standard supports', `{text-type: ssml, text: ${whispered}}`],
  ])('are taken as standard for %s, with a warning of their own', (_, item) => {
    const file = withItems('  - {text: a, engine: neural}', `  - ${item}`);
    const result = parse(file, { compat: true });
    expect(result).toMatchObject({
      ok: true,
      warnings: [
        {
          line: 5,
          column: 5,
          path: 'items[1]',
          code: 'unnamed-engine',
          message: 'no engine is named: taken as standard, since neural can’t speak this',
        },
      ],
      set: { items: [{ engine: 'neural' }, { engine: 'standard' }] },
    });
    expect(result).not.toHaveProperty('set.unnamedEngine');
    expect(parse(file)).toMatchObject({ ok: false });
  });

  it('are taken as neural, with a warning, for a voice or tags that standard can’t speak either', () => {
    const broken = `{text-type: ssml, text: ${whispered.replace('<speak>', '<speak><s>')}}`;
    for (const item of ['{text: a, voice-id: Tiffany}', broken]) {
      expect(accepted(withItems(`  - ${item}`), { compat: true }).items).toMatchObject([
        { engine: 'neural' },
      ]);
    }
  });

  it('cause no warning without compat', () => {
    expect(parse(file)).toMatchObject({ ok: true, warnings: [] });
  });
});
