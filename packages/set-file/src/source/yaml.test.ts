/** YAML's traps: what looks like another type stays text, and unlimited expansion is refused with its position. */
import { describe, expect, it, test } from 'vitest';
import { accepted, messageOf, problemsOf, withItems } from '../../test/door.ts';

describe('a text stays as it is written', () => {
  const traps = [
    ...[
      'Yes',
      'no',
      'on',
      'True',
      'null',
      '~',
      '12:30',
      '7',
      '1e3',
      '0x10',
      '0o17',
      '017',
      '1_000',
      '+1',
      '.5',
    ],
    ...['2024-05-01', '.inf', '.NaN', '12345678901234567890', '1.10', 'y', '=', '<<'],
  ];
  test.each(traps)('%s', (text) => {
    expect(accepted(withItems(`  - text: ${text}`)).items[0]?.text).toBe(text);
    expect(accepted(`set:\n  name: ${text}\n  output-prefix: p\nitems: [text: a]\n`).name).toBe(text);
  });

  it('also as a language: "no" is not false', () => {
    expect(messageOf(withItems('  - {text: a, language-code: no}'))).toContain('Polly has no language "no"');
  });

  it('and a budget stays an exact decimal', () => {
    expect(accepted('set: {name: a, budget: 0.10000000001}\nitems: [text: a]\n').budgetUsd).toBe(
      '0.10000000001',
    );
  });

  it('in all of YAML’s styles', () => {
    const file = withItems(
      "  - text: 'It''s'",
      '  - text: "tab\\there"',
      '  - text: |',
      '      two',
      '      lines',
      '  - text: >-',
      '      one',
      '      line',
      '  - text: plain',
      '      goes on',
    );
    expect(accepted(file).items.map(({ text }) => text)).toEqual([
      "It's",
      'tab\there',
      'two\nlines\n',
      'one line',
      'plain goes on',
    ]);
  });
});

it('accepts the tag of a text', () => {
  expect(accepted(withItems('  - text: !!str 7')).items[0]?.text).toBe('7');
});

describe('anchors, aliases and merge keys', () => {
  it('are followed, across sections and items', () => {
    const file = `defaults: &narrator
  voice-id: Joanna
set: {name: play}
items:
  - &first
    text: &greeting Hello.
    engine: standard
  - text: *greeting
    voice-id: Joey
  - <<: *first
    output-file: again.mp3
  - <<: [{text: mine}, *first, *narrator]
    engine: neural
`;
    const items = accepted(file).items.map(({ text, voice, engine }) => [text, voice, engine]);
    expect(items).toEqual([
      ['Hello.', 'Joanna', 'standard'],
      ['Hello.', 'Joey', 'neural'],
      ['Hello.', 'Joanna', 'standard'],
      ['mine', 'Joanna', 'neural'],
    ]);
  });

  it('are refused if they lead nowhere, back to themselves, or merge something that is not a map', () => {
    expect(problemsOf(withItems('  - text: *sighs*'))).toEqual(['4:11 unknown-alias']);
    expect(problemsOf(withItems('  - &a', '    text: *a'))).toEqual(['5:11 unknown-alias']);
    expect(problemsOf(withItems('  - text: &a b', '    <<: *a'))).toEqual(['5:5 bad-merge']);
  });

  it('cannot expand a file beyond the maximum size', () => {
    const laughs = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(10)}]`,
    );
    expect(problemsOf(['l0: &l0 [ha, ha]', ...laughs].join('\n'))).toEqual(
      expect.arrayContaining([expect.stringContaining('too-many-aliases')]),
    );
    const long = withItems(
      `  - text: &long ${'x'.repeat(90_000)}`,
      ...Array.from({ length: 1_200 }, () => '  - text: *long'),
    );
    expect(problemsOf(long)).toEqual([expect.stringContaining('too-many-aliases')]);
  });

  it('cannot bring an excessive number of keys', () => {
    const keys = Array.from({ length: 1_000 }, (_, key) => `  k${key}: v\n`).join('');
    const items = Array.from({ length: 2_000 }, () => '  - <<: *x\n    text: a\n').join('');
    expect(problemsOf(`set: {name: a}\nx: &x\n${keys}items:\n${items}`)).toEqual([
      '2:1 unknown-key x',
      expect.stringContaining('too-many-aliases'),
    ]);
  });

  it('can bring a few keys to each of very many items', () => {
    const items = Array.from({ length: 20_000 }, () => '  - {<<: *x, text: a}\n').join('');
    const narrator =
      '{voice-id: Joey, engine: standard, text-type: text, sample-rate: 8000, lexicons: a, language-code: en-US}';
    expect(accepted(`set: {name: a}\ndefaults: &x ${narrator}\nitems:\n${items}`).items).toHaveLength(20_000);
  });

  it('have an invalid value reported once, at its own position', () => {
    const first = ['  - &f', '    text: foo', '    voice-id: Mathew', '    engine:', '    lexicons: [[a]]'];
    const others = ['  - {<<: *f, text: b}', '  - <<: *f', '    text: c', '  - *f'];
    expect(problemsOf(withItems(...first, ...others))).toEqual([
      '6:15 unknown-voice items[0].voice-id',
      '7:12 empty-value items[0].engine',
      '8:16 wrong-type items[0].lexicons[0]',
    ]);
  });

  it('are refused if a merged map has a key twice', () => {
    const file = (item: string, map: string) =>
      `x-v: &v ${map}\nset: {name: a}\nitems:\n  - ${item}\n  - ${item}\n`;
    const twice = '{voice-id: Joey, voice-id: Amy}';
    const compat = { compat: true };
    expect(problemsOf(file('{text: a, <<: *v}', twice), compat)).toEqual([
      '1:26 duplicate-key items[0].voice-id',
    ]);
    expect(problemsOf(file('{text: a, voice-id: Amy, <<: *v}', twice), compat)).toEqual([]);
    expect(problemsOf(withItems('  - &a {text: a}', '  - {<<: *a, <<: *a}'))).toEqual(['5:14 duplicate-key']);
  });

  it('have an unknown key reported once, at its own position', () => {
    const file =
      'x: &x {colour: red}\nset: {name: a}\nitems:\n  - {<<: *x, text: a}\n  - {<<: *x, text: b}\n';
    expect(problemsOf(file)).toEqual(['1:1 unknown-key x', '1:8 unknown-key items[0].colour']);
  });
});

it('accepts Windows line ends, document markers and directives', () => {
  const file =
    '%YAML 1.2\r\n---\r\nset:\r\n  name: a\r\nitems:\r\n  - text: a\r\n    engine: fast\r\n...\r\n';
  expect(problemsOf(file)).toEqual(['7:13 unknown-value items[0].engine']);
});

it('accepts lines that end with only a carriage return', () => {
  const file =
    "set:\r  name: a\ritems:\r  - text: |\r      one\r      two\r  - text: 'a\r      b'\r    engine: fast\r";
  expect(problemsOf(file)).toEqual(['9:13 unknown-value items[1].engine']);
  expect(accepted(file.replace('fast', 'neural')).items.map(({ text }) => text)).toEqual([
    'one\ntwo\n',
    'a b',
  ]);
});
