/** Words that YAML drops from a text. */
import { expect, test } from 'vitest';
import { parse, withItems } from '../../test/door.ts';

const told = (...lines: string[]): string[] => {
  const result = parse(withItems(...lines));
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.problems)}`);
  return result.warnings.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
};

test('a text that is cut off at a # gets a warning at the #', () => {
  expect(told('  - text: Hello.', '  - text: Gate #5 is open')).toEqual([
    '5:16 not-spoken "#5" and what follows it is read as a comment, and is not spoken',
  ]);
  expect(told('  - text: Two lines', '      of #love')).toEqual([
    '5:10 not-spoken "#love" and what follows it is read as a comment, and is not spoken',
  ]);
});

test('a text whose first word is an unused anchor gets a warning', () => {
  const message = '"&Co" before this is read as an anchor, which nothing uses, and is not spoken';
  expect(told('  - text: &Co is here', '  - text: Hello.')).toEqual([`4:15 not-spoken ${message}`]);
  expect(told('  - text: &Co is here', '  - text: &Co was there', '  - text: *Co')).toEqual([
    `4:15 not-spoken ${message}`,
  ]);
});

test.each([
  ['  - text: Hello # greets'],
  ['  - text: Hello #', '    # and more'],
  ['  - text: Hello', '  #2', '  - text: World'],
  ['  - text: "Gate #5"'],
  ['  - text: Gate#5'],
  ['  - voice-id: Amy #british', '    text: Hello'],
  ['  - text: &greeting Hello', '  - text: *greeting'],
  ['  - &first', '    text: Hello', '  - voice-id: &amy Amy', '    text: a'],
])('intended comments and anchors cause no warning: %s', (...lines) => {
  expect(told(...lines)).toEqual([]);
});
