/** The result of an accepted file: defaults filled in, and file names as in the reference. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { accepted, parse, problemsOf, withItems } from '../test/door.ts';
import type { Sections } from './fields/collect.ts';
import { parseSetFile, readSetFile } from './parse-set-file.ts';
import { contentOf } from './source/source-text.ts';

const SAMPLES = new URL('../../../samples/', import.meta.url);
const sampleFiles = readdirSync(SAMPLES).filter((name) => /\.(?:ya?ml|json)$/.test(name));

it('fills in the defaults', () => {
  expect(accepted('set: {name: Hello}\nitems:\n  - text: Good morning.\n')).toEqual({
    name: 'Hello',
    prefix: 'Hello',
    priority: 'normal',
    notify: [],
    paths: 'auto',
    unnamedEngine: { items: 1, voices: ['Matthew'] },
    places: { name: { line: 1, column: 13 } },
    items: [
      {
        index: 0,
        file: 'item-000000-good-morning.mp3',
        line: 3,
        column: 5,
        engine: 'neural',
        voice: 'Matthew',
        language: 'en-US',
        format: 'mp3',
        sampleRate: 24000,
        textType: 'text',
        text: 'Good morning.',
        lexicons: [],
        speechMarks: [],
        billedCharacters: 13,
        operation: 'synthesize',
      },
    ],
  });
});

describe('sections after the items', () => {
  const lines = Array.from({ length: 3_000 }, (_, index) => `  - text: Phrase ${index}.`);
  const behind = ['items:', ...lines, 'defaults:', '  engine: standard', 'set: {name: late}', ''].join('\n');
  const before = ['set: {name: early}', 'defaults: {engine: standard}', 'items:', ...lines, ''].join('\n');

  it('apply to all items, in YAML and in JSON', () => {
    const json = JSON.stringify({
      items: lines.map((_, index) => ({ text: `Phrase ${index}.` })),
      defaults: { engine: 'standard' },
      set: { name: 'late' },
    });
    for (const set of [accepted(behind), accepted(json, { fileName: 'late.json' })]) {
      expect(set).toMatchObject({ name: 'late', prefix: 'late' });
      expect(set.items).toHaveLength(3_000);
      expect(new Set(set.items.map(({ engine }) => engine))).toEqual(new Set(['standard']));
    }
  });

  it('restart the reading once, unlike sections before the items or known ones', () => {
    const read = (text: string, sections?: Sections) => {
      const calls = { items: 0, restarts: 0 };
      const content = contentOf(new TextEncoder().encode(text));
      const options = { fileName: 'a.yml', ...(sections && { sections }) };
      const result = readSetFile(content, options, {
        item: () => calls.items++,
        restart: () => calls.restarts++,
      });
      if (!result.ok) throw new Error('refused');
      return { ...calls, sections: result.sections };
    };
    expect(read(before)).toMatchObject({ items: 3_000, restarts: 0 });
    const first = read(behind);
    expect(first.restarts).toBe(1);
    expect(read(behind, first.sections)).toMatchObject({ items: 3_000, restarts: 0 });
  });

  it('have each problem counted once', () => {
    expect(problemsOf(behind.replace('engine: standard', 'engine: fast'))).toEqual([
      '3003:11 unknown-value defaults.engine',
    ]);
  });
});

it('reads every key of a set, of defaults and of an item', () => {
  const set = accepted(`set:
  name: play
  description: All of it.
  output-prefix: out/play
  priority: low
  notify: [mail, desk-chat, mail]
  budget: 2.50
  deadline: 90m
  paths: both
defaults:
  engine: standard
  language-code: en-GB
  output-format: ogg_vorbis
  sample-rate: 16000
  text-type: ssml
  voice-id: Amy
  lexicons: [one, two]
  speech-marks: [word, sentence]
items:
  - text: <speak>Hello</speak>
  - text: Hello
    engine: neural
    language-code: fr-FR
    output-format: json
    text-type: text
    voice-id: Lea
    lexicons: three
    output-file: Marks/hello.json
`);
  expect(set).toMatchObject({
    description: 'All of it.',
    prefix: 'out/play',
    priority: 'low',
    notify: ['mail', 'desk-chat'],
    budgetUsd: '2.50',
    deadline: '90m',
    paths: 'both',
  });
  expect(set.items).toMatchObject([
    {
      engine: 'standard',
      voice: 'Amy',
      sampleRate: 16000,
      billedCharacters: 5,
      lexicons: ['one', 'two'],
      speechMarks: [],
    },
    {
      ...{
        engine: 'neural',
        language: 'fr-FR',
        format: 'json',
        textType: 'text',
        voice: 'Lea',
        sampleRate: 24000,
      },
      ...{ lexicons: ['three'], speechMarks: ['sentence', 'word'], file: 'Marks/hello.json', line: 21 },
    },
  ]);
});

describe('the language', () => {
  it('is the voice’s own if none is written and the voice does not speak the default', () => {
    const { items } = accepted(
      withItems(
        '  - {text: a, voice-id: Amy}',
        '  - {text: a, voice-id: Lupe}',
        '  - {text: a, voice-id: Joey}',
      ),
    );
    expect(items.map(({ language }) => language)).toEqual(['en-GB', 'es-US', 'en-US']);
  });

  it('is left to Polly for a voice that is not in the table', () => {
    expect(parse(withItems('  - {text: a, voice-id: Novissima}'), { compat: true })).toMatchObject({
      ok: true,
      set: { items: [expect.not.objectContaining({ language: expect.anything() })] },
    });
  });
});

it('accepts .yml, .yaml and .json in any case, and nothing else', () => {
  const json = '{"set": {"name": "a"}, "items": [{"text": "b"}]}';
  for (const fileName of ['a.yml', 'a.YAML', 'dir.d/a.json']) expect(parse(json, { fileName }).ok).toBe(true);
  expect(parse(json, { fileName: 'a.txt' })).toMatchObject({
    ok: false,
    problems: [{ code: 'not-a-set-file' }],
  });
});

describe('our samples', () => {
  test.each(sampleFiles)('%s is valid', (name) => {
    const bytes = readFileSync(new URL(name, SAMPLES));
    expect(parseSetFile(bytes, { fileName: name })).toMatchObject({ ok: true, warnings: [] });
  });

  test.each(sampleFiles)('%s names its schema for editors', (name) => {
    const [first = ''] = readFileSync(new URL(name, SAMPLES), 'utf8').split('\n');
    const path = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1] ?? '';
    expect(path).toBe('../packages/contracts/schemas/set-file.schema.json');
  });

  it('romeo-juliet.yml gets the same six file names as in the reference', () => {
    const result = parseSetFile(readFileSync(new URL('romeo-juliet.yml', SAMPLES)), {
      fileName: 'romeo-juliet.yml',
    });
    if (!result.ok) throw new Error('refused');
    expect(result.set.prefix).toBe('act-1-scene-1');
    expect(result.set.items.map(({ file }) => file)).toEqual([
      'item-000000-do-you-bite-your-thumb-at-us-sir.mp3',
      'item-000001-i-do-bite-my-thumb-sir.mp3',
      'item-000002-speak-do-you-bite-your-thumb-at-break-us.mp3',
      'item-000003-speak-amazon-effect-name-whispered-is-th.mp3',
      'item-000004-speak-amazon-effect-name-whispered-no-am.mp3',
      'item-000005-no-sir-i-do-not-bite-my-thumb-at-you-sir.mp3',
    ]);
  });
});
