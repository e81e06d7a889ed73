/** YAML's traps: what looks like something else stays text, and what is broken or boundless is refused with its place. */
import { describe, expect, it, test } from 'vitest';
import { accepted, messageOf, parse, problemsOf, withItems } from '../../test/door.ts';

describe('a text stays the text it is written with', () => {
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

  it('and a budget stays the decimal it is', () => {
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

it('takes a tag that says a text is one', () => {
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

  it('are refused where they lead nowhere, back to themselves or to no map', () => {
    expect(problemsOf(withItems('  - text: *sighs*'))).toEqual(['4:11 unknown-alias']);
    expect(problemsOf(withItems('  - &a', '    text: *a'))).toEqual(['5:11 unknown-alias']);
    expect(problemsOf(withItems('  - text: &a b', '    <<: *a'))).toEqual(['5:5 bad-merge']);
  });

  it('may not make the file larger than a file may be', () => {
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

  it('may not bring more keys than anybody could read', () => {
    const keys = Array.from({ length: 1_000 }, (_, key) => `  k${key}: v\n`).join('');
    const items = Array.from({ length: 2_000 }, () => '  - <<: *x\n    text: a\n').join('');
    expect(problemsOf(`set: {name: a}\nx: &x\n${keys}items:\n${items}`)).toEqual([
      '2:1 unknown-key x',
      expect.stringContaining('too-many-aliases'),
    ]);
  });

  it('may bring a few keys to each of very many items', () => {
    const items = Array.from({ length: 20_000 }, () => '  - {<<: *x, text: a}\n').join('');
    const narrator =
      '{voice-id: Joey, engine: standard, text-type: text, sample-rate: 8000, lexicons: a, language-code: en-US}';
    expect(accepted(`set: {name: a}\ndefaults: &x ${narrator}\nitems:\n${items}`).items).toHaveLength(20_000);
  });

  it('have a key that is unknown told of once, where it stands', () => {
    const file =
      'x: &x {colour: red}\nset: {name: a}\nitems:\n  - {<<: *x, text: a}\n  - {<<: *x, text: b}\n';
    expect(problemsOf(file)).toEqual(['1:1 unknown-key x', '1:8 unknown-key items[0].colour']);
  });
});

const broken: Record<string, [file: string, problem: string, remedy: string]> = {
  'a tab': [withItems('  - text: a', '\tvoice-id: Joanna'), '5:1 yaml-syntax', 'indent with spaces'],
  'a second colon': [withItems('  - text: Romeo: hello'), '4:11 yaml-syntax', 'put the whole text in quotes'],
  'a quote that is not closed': [
    withItems("  - text: 'Tis the season", '  - text: b', '  - text: c'),
    '4:11 yaml-syntax',
    'end it with the quote',
  ],
  'a quote that is closed by a later apostrophe': [
    withItems("  - text: 'Tis the season", '  - text: b', "  - text: don't"),
    '4:11 yaml-syntax',
    'end it with the quote',
  ],
  'a bracket that is not closed': [
    withItems('  - text: a', '    lexicons: [a'),
    '6:1 yaml-syntax',
    'close it',
  ],
  'brackets whose lines are not indented': [
    'set: {name: a}\nitems: [\n{text: a}\n]\n',
    '3:1 yaml-syntax',
    'indent the lines within it further than its key',
  ],
  'a section in braces whose lines are not indented': [
    'set: {\nname: a\n}\nitems: [{text: a}]\n',
    '2:1 yaml-syntax',
    'indent the lines within it further than its key',
  ],
  'a text that begins with ">"': [
    withItems('  - text: > hello'),
    '4:13 yaml-syntax',
    'put the whole text in quotes',
  ],
  'a text that begins with "|"': [
    withItems('  - text: |- hello'),
    '4:14 yaml-syntax',
    'put the whole text in quotes',
  ],
  'a text that begins with "?"': [
    withItems('  - text: ? hello'),
    '4:11 yaml-syntax',
    'if it is meant to begin with "?"',
  ],
  'a character that begins no text': [
    withItems('  - text: @home'),
    '4:11 yaml-syntax',
    'put the whole text in quotes',
  ],
  'an unknown escape': [withItems('  - text: "C:\\dir"'), '4:14 yaml-syntax', 'write the backslash twice'],
  'a tag': [withItems('  - text: !shout a'), '4:11 yaml-tag', 'if it is meant to begin with "!"'],
  'a tag without a name': [
    withItems('  - text: ! hello'),
    '4:13 yaml-syntax',
    'if it is meant to begin with "!"',
  ],
  'an anchor that nobody would name so': [
    withItems('  - text: &c. and so on'),
    '4:15 yaml-syntax',
    'if it is meant to begin with "&"',
  ],
  'an anchor without a name': [
    withItems('  - text: & co.'),
    '4:11 yaml-syntax',
    'if it is meant to begin with "&"',
  ],
  'a quoted text that goes on at its key': [
    withItems('  - text: "Do you bite', '    your thumb?"'),
    '4:11 yaml-syntax',
    'indent the lines in which it goes on',
  ],
  'a tag of a type': [withItems('  - text: !!binary aGk='), '4:11 yaml-tag', 'remove the tag'],
  'a second document': [
    `${withItems('  - text: a')}---\nset: b\n`,
    '5:1 second-document',
    'a file of its own',
  ],
  'a key that is a map': [
    withItems('  - {text: a, ? {b: c} : d}'),
    '4:17 key-not-text',
    'write "key: value"',
  ],
  'nesting without end': [withItems(`  - text: ${'['.repeat(5_000)}`), '4:28 too-deep', 'quote the text'],
};

describe('broken YAML is refused with its place and a remedy', () => {
  test.each(Object.entries(broken))('%s', (_, [file, problem, remedy]) => {
    expect(problemsOf(file)[0]).toBe(problem);
    expect(parse(file)).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([{ ...anyProblem, remedy: expect.stringContaining(remedy) }]),
    });
  });
  const anyProblem = {
    line: expect.any(Number),
    column: expect.any(Number),
    path: expect.any(String),
    code: expect.any(String),
    message: expect.any(String),
  };

  it('and the rest is checked all the same', () => {
    expect(problemsOf(withItems('  - text: Romeo: hello', '  - text: b', '    engine: fast'))).toEqual(
      expect.arrayContaining(['4:11 yaml-syntax', '6:13 unknown-value items[1].engine']),
    );
  });
});

it('takes Windows line ends, document markers and directives', () => {
  const file =
    '%YAML 1.2\r\n---\r\nset:\r\n  name: a\r\nitems:\r\n  - text: a\r\n    engine: fast\r\n...\r\n';
  expect(problemsOf(file)).toEqual(['7:13 unknown-value items[0].engine']);
});

it('takes lines that end with a carriage return alone', () => {
  const file =
    "set:\r  name: a\ritems:\r  - text: |\r      one\r      two\r  - text: 'a\r      b'\r    engine: fast\r";
  expect(problemsOf(file)).toEqual(['9:13 unknown-value items[1].engine']);
  expect(accepted(file.replace('fast', 'neural')).items.map(({ text }) => text)).toEqual([
    'one\ntwo\n',
    'a b',
  ]);
});
