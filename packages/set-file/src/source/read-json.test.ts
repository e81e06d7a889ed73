/** A .json set file is exactly JSON, and its faults have positions too. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { accepted, problemsOf } from '../../test/door.ts';
import { readJson } from './read-json.ts';
import type { SourceNode } from './source-nodes.ts';

const json = { fileName: 'set.json' };
const problems = (text: string) => problemsOf(text, json);

it('accepts what a YAML file accepts', () => {
  const set = accepted(
    `{
  "$schema": "set-file.schema.json",
  "set": {"name": "play", "budget": 0.10, "notify": ["mail"]},
  "defaults": {"engine": "standard", "sample-rate": 16000},
  "items": [
    {"text": "Caf\\u00e9 \\ud83d\\ude00\\n\\"\\/\\\\", "description": null, "output-file": "a.mp3"},
    {"text": 7}, {"text": true}
  ]
}`.replace(', "description": null', ''),
    json,
  );
  expect(set).toMatchObject({ name: 'play', budgetUsd: '0.10', notify: ['mail'] });
  expect(set.items.map(({ text, line }) => [text, line])).toEqual([
    ['Café 😀\n"/\\', 6],
    ['7', 7],
    ['true', 7],
  ]);
});

const invalid: Record<string, [text: string, problem: string]> = {
  nothing: ['', '1:1 empty-file'],
  'a list': ['[]', '1:1 json-syntax'],
  'a comment': ['{\n  // no\n  "set": {}}', '2:3 json-syntax'],
  'a trailing comma': ['{"set": {"name": "a",}}', '1:22 json-syntax'],
  'a trailing comma in a list': ['{"items": [{"text": "a"},]}', '1:26 json-syntax'],
  'a missing comma': ['{"set": {"name": "a"} "items": []}', '1:23 json-syntax'],
  'a missing colon': ['{"set" {}}', '1:8 json-syntax'],
  'a bare key': ['{set: {}}', '1:2 json-syntax'],
  'a single quote': ["{'set': {}}", '1:2 json-syntax'],
  'a string that does not end': ['{"set": {"name": "a}}', '1:18 json-syntax'],
  'a line break in a string': ['{"set": {"name": "a\nb"}}', '1:20 json-syntax'],
  'an unknown escape': ['{"set": {"name": "a\\x"}}', '1:20 json-syntax'],
  'a bare word': ['{"set": {"name": yes}}', '1:18 json-syntax'],
  'a number of another language': ['{"set": {"name": 0x10}}', '1:18 json-syntax'],
  'something after the end': ['{"set": {"name": "a"}, "items": [{"text": "a"}]} x', '1:50 json-syntax'],
  'nesting without end': [`{"a": ${'['.repeat(5_000)}`, '1:27 json-syntax'],
  'a doubled key': [
    '{"set": {"name": "a", "name": "b"}, "items": [{"text": "a"}]}',
    '1:23 duplicate-key set.name',
  ],
  'an unknown key': [
    '{"set": {"name": "a"}, "items": [{"text": "a", "txt": ""}]}',
    '1:48 unknown-key items[0].txt',
  ],
};

const tooLarge: Record<string, [text: string, problem: string]> = {
  'a list at the top, however long': [`[${'1,'.repeat(200_000)}1]`, '1:1 json-syntax'],
  'a large list other than the items': [
    `{"set":{},"data":[${'1,'.repeat(200_000)}1]}`,
    '1:11 piece-too-large',
  ],
  'an item of countless keys': [`{"items":[{},{${'"":0,'.repeat(200_000)}"":0}]}`, '1:14 piece-too-large'],
  'a string without end': [`{"set":{"name":"${'a'.repeat(3_000_000)}`, '1:2 piece-too-large'],
  'texts that are too long in total': [
    `{"set": {}, "data": [${`"${'a'.repeat(500_000)}",`.repeat(6)}1]}`,
    '1:13 piece-too-large',
  ],
  'a number without end': [`{"set":{"name":${'1'.repeat(2_000_000)}}}`, '1:16 json-syntax'],
};

test.each(Object.entries(tooLarge))('gives up on %s', (_, [text, problem]) => {
  expect(problems(text)).toContain(problem);
});

it('limits what is read at once, not the file', () => {
  const item = `{"text": "${'\\u00e9'.repeat(100_000)}"}`;
  const text = `${' '.repeat(3_000_000)}{"set": {"name": "a"},${' '.repeat(3_000_000)}"items": [${`${item},\n`.repeat(5)}${item}]}`;
  expect(accepted(text, json).items).toHaveLength(6);
});

it('does not report a section after the items as missing if reading stops before it', () => {
  const text = `{"items":[${'0,'.repeat(1_000_001)}0],"set":{"name":"a"}}`;
  expect(problems(text)[0]).toBe('1:11 wrong-type items[0]');
});

test.each(Object.entries(invalid))('refuses %s', (_, [text, problem]) => {
  expect(problems(text)).toContain(problem);
});

describe('its grammar equals that of JSON.parse', () => {
  const shallow = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.dictionary(fc.string(), tie('value')),
      fc.array(tie('value')),
    ),
  })).value;

  it('for valid files with any spacing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), shallow),
        fc.constantFrom('', ' ', '\t', '  '),
        (value, space) => {
          expect(readWhole(JSON.stringify(value, null, space))).toEqual({
            value: JSON.parse(JSON.stringify(value)),
          });
        },
      ),
    );
  });

  it('for invalid files', () => {
    const mutilated = fc.tuple(
      fc.dictionary(fc.string(), shallow),
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', ':', '\\', '1', 'e', '\n'),
    );
    fc.assert(
      fc.property(mutilated, ([value, at, instead]) => {
        const text = JSON.stringify(value);
        const broken = text.slice(0, 1 + (at % text.length)) + instead + text.slice(2 + (at % text.length));
        expect('fault' in readWhole(broken)).toBe(!isJsonObject(broken));
      }),
      { numRuns: 500 },
    );
  });
});

function isJsonObject(text: string): boolean {
  try {
    return text.startsWith('{') && JSON.parse(text) !== null;
  } catch {
    return false;
  }
}

/** Reads in pieces of three characters, so that most tokens are split. */
function readWhole(source: string): { value: unknown } | { fault: string } {
  let fault: string | undefined;
  const items: unknown[] = [];
  const entries: [string, unknown][] = [];
  readJson(source.match(/.{1,3}/gsu) ?? [], {
    full: false,
    item: (node) => items.push(plain(node)),
    entry: ({ key, value }) =>
      entries.push([key.value, value.kind === 'list' && key.value === 'items' ? items : plain(value)]),
    fault: ({ message }) => {
      fault = message;
    },
    notice: () => undefined,
  });
  return fault === undefined ? { value: Object.fromEntries(entries) } : { fault };
}

function plain(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key.value, plain(value)]));
}
