/** Words of a text that YAML takes away. */
import { expect, test } from 'vitest';
import { parse, withItems } from '../../test/door.ts';

const told = (...lines: string[]): string[] => {
  const result = parse(withItems(...lines));
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.problems)}`);
  return result.warnings.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
};

test('a text that is cut at a # is told of, at the #', () => {
  expect(told('  - text: Hello.', '  - text: Gate #5 is open')).toEqual([
    '5:16 not-spoken "#5" and what follows is taken for a comment, and is not spoken',
  ]);
  expect(told('  - text: Two lines', '      of #love')).toEqual([
    '5:10 not-spoken "#love" and what follows is taken for a comment, and is not spoken',
  ]);
});

test('a text that loses its first word to an anchor that nothing uses is told of', () => {
  const message = '"&Co" before this is taken for an anchor, which nothing uses, and is not spoken';
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
])('comments and anchors that are meant are not told of: %s', (...lines) => {
  expect(told(...lines)).toEqual([]);
});
