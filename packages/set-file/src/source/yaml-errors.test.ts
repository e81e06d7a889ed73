/** Broken YAML is refused at the position of the fault, with a remedy. */
import { describe, expect, it, test } from 'vitest';
import { Composer, CST, Parser, visit } from 'yaml';
import { parse, problemsOf, withItems } from '../../test/door.ts';
import { explainYamlErrors } from './yaml-errors.ts';

const broken: Record<string, [file: string, problem: string, remedy: string]> = {
  'a tab': [withItems('  - text: a', '\tvoice-id: Joanna'), '5:1 yaml-syntax', 'indent with spaces'],
  'a second colon': [withItems('  - text: Romeo: hello'), '4:11 yaml-syntax', 'put the whole text in quotes'],
  'a key that is indented further than the keys above': [
    withItems('  - text: Hello.', '', '      voice-id: Joanna', '      engine: fast', '  - text: b'),
    '6:7 yaml-syntax',
    'indent it like them, or quote the text above',
  ],
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
  'an apostrophe in single quotes': [
    withItems("  - text: 'It's me'"),
    '4:15 yaml-syntax',
    "write it twice ('')",
  ],
  'a quote in double quotes': [
    withItems('  - text: "He said "hi" to me"'),
    '4:21 yaml-syntax',
    'write \\" if it belongs to the text',
  ],
  'a quoted beginning': [
    withItems('  - text: "Hello" she said'),
    '4:19 yaml-syntax',
    'put the whole text in single quotes',
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
  'a character that cannot begin a text': [
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
  'an unlikely name of an anchor': [
    withItems('  - text: &c. and so on'),
    '4:15 yaml-syntax',
    'if it is meant to begin with "&"',
  ],
  'an anchor without a name': [
    withItems('  - text: & co.'),
    '4:11 yaml-syntax',
    'if it is meant to begin with "&"',
  ],
  'a quoted text that continues at the indentation of its key': [
    withItems('  - text: "Do you bite', '    your thumb?"'),
    '4:11 yaml-syntax',
    'indent the lines on which it continues',
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

describe('broken YAML is refused with a position and a remedy', () => {
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

  it('once per item for a key that is indented too far', () => {
    const item = ['  - text: Hello.', '      voice-id: Joanna'];
    expect(problemsOf(withItems(...item, ...item))).toEqual(['5:7 yaml-syntax', '7:7 yaml-syntax']);
    const set = 'set:\n  name: a\n    priority: high\nitems:\n  - text: a\n';
    expect(problemsOf(set)).toEqual(['3:5 yaml-syntax']);
  });

  it('once for a text that begins with "- "', () => {
    expect(problemsOf(withItems('  - text: - 5 degrees', '    foo'))).toEqual([
      '4:11 yaml-syntax',
      '5:5 yaml-syntax',
    ]);
    expect(problemsOf(withItems('  - text: - a', '          - b'))).toEqual(['4:11 yaml-syntax']);
    for (const rest of [
      ...['-  Hello', '- &a b', '-   &a  "b"', '- !x a', '-  > a', '- [laughs] Hello', '- *Hello*'],
      ...["- 'tis", '- - Hello', '- @a', '- &a', '- a: b: c'],
    ]) {
      expect(problemsOf(withItems(`  - text: ${rest}`)), rest).toEqual(['4:11 yaml-syntax']);
    }
    expect(problemsOf(withItems('  - text: - - a', '  - text: @b', '  - text: - @c'))).toEqual([
      '4:11 yaml-syntax',
      '5:11 yaml-syntax',
      '6:11 yaml-syntax',
    ]);
    expect(problemsOf(withItems('  - text: -', '    foo'))).toEqual(['4:11 yaml-syntax', '5:5 yaml-syntax']);
  });

  it('and the end of the reading is reported also where the line has a fault that stands for all others', () => {
    const problems = problemsOf(withItems(...Array.from({ length: 1_100 }, () => '  - text: - @a')));
    expect(problems.filter((problem) => problem.includes('unreadable'))).toHaveLength(1);
  });

  it('and the rest is checked nevertheless', () => {
    expect(problemsOf(withItems('  - text: Romeo: hello', '  - text: b', '    engine: fast'))).toEqual(
      expect.arrayContaining(['4:11 yaml-syntax', '6:13 unknown-value items[1].engine']),
    );
  });
});

/** Explains the errors of a document, and counts how often it looks at the place of a node or token. */
function explained(text: string): { faults: number; looks: number } {
  let looks = 0;
  const watch = <T extends object>(part: T, key: keyof T): void => {
    const value = part[key];
    const get = () => {
      looks += 1;
      return value;
    };
    Object.defineProperty(part, key, { get });
  };
  for (const token of new Parser().parse(text)) {
    if (token.type !== 'document') continue;
    for (const document of new Composer({ schema: 'failsafe' }).compose([token])) {
      visit(document, { Node: (_, node) => watch(node, 'range') });
      CST.visit(token, ({ key, value }) => {
        for (const part of [key, value]) if (part) watch(part, 'offset');
      });
      return { faults: explainYamlErrors(document, token).length, looks };
    }
  }
  throw new Error('no document');
}

describe('very many errors', () => {
  test.each([
    ['a second colon', '- a: b: c\n'],
    ['an apostrophe in single quotes', "- 'It's me'\n"],
    ['a quote that is not closed', "- 'Tis the season\n"],
    ['a bracket that is not closed', '- [a\n'],
    ['a key that is indented too far', '- text: a\n    engine: b\n'],
  ])('do not have the file walked for each: %s', (_, lines) => {
    const [some, twice] = [200, 400].map((times) => explained(`x:\n${lines.repeat(times)}`));
    expect(some?.faults).toBeGreaterThanOrEqual(200);
    expect(twice?.faults).toBeGreaterThanOrEqual(400);
    expect(twice?.looks).toBeLessThan(3 * (some?.looks ?? 0));
  });

  it('are all counted, and the first thousand listed', () => {
    const result = parse(`set: {name: a}\nx:\n${'- a: b: c\n'.repeat(3_000)}`);
    if (result.ok) throw new Error('accepted');
    // With the end of the reading and the unknown key.
    expect(result.problemCount).toBe(3_002);
    expect(result.problems.map(({ line }) => line)).toEqual(Array.from({ length: 1_000 }, (_, n) => 2 + n));
  });
});
