/** Words that YAML drops from a text or a name. */
import { expect, test } from 'vitest';
import { messageOf, parse, withItems } from '../../test/door.ts';

const told = (...lines: string[]): string[] => toldOf(withItems(...lines));

const toldOf = (file: string): string[] => {
  const result = parse(file);
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.problems)}`);
  return result.warnings.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
};

test('a text that is cut off at a # gets a warning at the #', () => {
  expect(told('  - text: Hello.', '  - text: Gate #5 is open')).toEqual([
    '5:16 not-spoken "#5 is open" is read as a comment, and is not spoken',
  ]);
  expect(told('  - text: Two lines', '      of #love')).toEqual([
    '5:10 not-spoken "#love" is read as a comment, and is not spoken',
  ]);
});

test('a name that is cut off at a # gets a warning at the #', () => {
  const dropped = (key: string) => `commented-out "#5" is read as a comment, and is not part of "${key}"`;
  expect(toldOf('set:\n  name: Gate #5\n  output-prefix: gates/gate #5\nitems:\n  - text: a\n')).toEqual([
    `2:14 ${dropped('name')}`,
    `3:29 ${dropped('output-prefix')}`,
  ]);
  expect(told('  - text: a', '    output-file: boarding.mp3 #5')).toEqual([`5:31 ${dropped('output-file')}`]);
});

test('a text or name gets the warning too if the # is a word of its own, even behind a full stop, since a phone menu says "press #"', () => {
  expect(
    told('  - text: Enter your PIN, then press # to continue.', '  - text: To repeat this, press #'),
  ).toEqual([
    '4:38 not-spoken "# to continue." is read as a comment, and is not spoken',
    '5:33 not-spoken "#" is read as a comment, and is not spoken',
  ]);
  const ends = ['For sales, press 1.', 'Deliver to Apt.', 'Hello.', 'He said “Hello!”', 'See setlist.io'];
  expect(told(...ends.map((text) => `  - text: ${text} # to end`))).toEqual(
    ends.map(
      (text, n) =>
        `${4 + n}:${12 + text.length} not-spoken "# to end" is read as a comment, and is not spoken`,
    ),
  );
  expect(toldOf('set:\n  name: Gate # 5\nitems:\n  - text: a\n')).toEqual([
    '2:14 commented-out "# 5" is read as a comment, and is not part of "name"',
  ]);
});

test('a text or name on the lines below a # gets the warning too', () => {
  expect(told('  - text: > #5 is ready', '      now', '  - text: |- #2', '      b')).toEqual([
    '4:13 not-spoken "#5 is ready" is read as a comment, and is not spoken',
    '6:14 not-spoken "#2" is read as a comment, and is not spoken',
  ]);
  expect(told('  - text: a', '    output-file: > #5', '      a.mp3')).toEqual([
    '5:20 commented-out "#5" is read as a comment, and is not part of "output-file"',
  ]);
});

test('a file name that loses its extension at a # is to be put in quotes', () => {
  for (const comment of ['#5.mp3', '# 5.mp3']) {
    expect(messageOf(withItems('  - text: a', `    output-file: gate ${comment}`))).toMatch(
      `"gate" has no extension: "${comment}" is read as a comment (put the whole name in quotes if that is part of it, and end it in .mp3;`,
    );
  }
});

test('a value that is empty because it begins with a # is to be put in quotes', () => {
  expect(messageOf(withItems('  - text: #17 is ready'))).toBe(
    'the text is empty: "#17 is ready" is read as a comment (write what to say, in quotes if it begins with "#", or remove the item)',
  );
  expect(messageOf(withItems('  - text: a', '    output-file: #1.mp3'))).toBe(
    '"output-file" has no value: "#1.mp3" is read as a comment (give it one, in quotes if it begins with "#", or remove the key)',
  );
  expect(messageOf(withItems('  - text: >- #17 is ready'))).toContain(
    '"#17 is ready" is read as a comment (',
  );
  expect(messageOf(withItems('  - text:', '    # to be written', '    engine: neural'))).toContain(
    'the text is empty (',
  );
});

test('a value that is empty because of a # behind its > is reported once', () => {
  const warningsOf = (...lines: string[]) => parse(withItems(...lines)).warnings;
  expect(warningsOf('  - text: > #5 is')).toEqual([]);
  expect(warningsOf('  - text: a', '    output-file: > #5')).toEqual([]);
});

test('a value that is empty because it is an anchor is to be put in quotes', () => {
  expect(messageOf(withItems('  - text: &Co'))).toBe(
    'the text is empty: "&Co" is read as an anchor (write what to say, in quotes if it begins with "&", or remove the item)',
  );
  expect(messageOf(withItems('  - text: a', '    output-file: &Co'))).toBe(
    '"output-file" has no value: "&Co" is read as an anchor (give it one, in quotes if it begins with "&", or remove the key)',
  );
  expect(messageOf(withItems('  - text: &Co # c'))).toContain(
    'the text is empty: "&Co" is read as an anchor (',
  );
  expect(messageOf(withItems('  - text: &Co ""'))).toContain('the text is empty (');
});

test('a text whose first word is an unused anchor gets a warning', () => {
  const message = '"&Co" before this is read as an anchor, which nothing uses, and is not spoken';
  expect(told('  - text: &Co is here', '  - text: Hello.')).toEqual([`4:15 not-spoken ${message}`]);
  expect(told('  - text: &Co is here', '  - text: &Co was there', '  - text: *Co')).toEqual([
    `4:15 not-spoken ${message}`,
  ]);
});

test.each([
  ['  - text: Hello   # greets'],
  ['  - text: Hello.  # greets'],
  ['  - text: Hello\t# greets'],
  ['  - text: <speak>Hello</speak> # greets', '    text-type: ssml'],
  ['  - text: Sie rief „Halt!“  # Wache'],
  ['  - text: Hello  #', '    # and more'],
  ['  - text: Hello ## greets'],
  ['  - text: Hello', '  #2', '  - text: World'],
  ['  - text: > # greets', '      Hello'],
  ['  - text: "Gate #5"'],
  ['  - text: Gate#5'],
  ['  - voice-id: Amy #british', '    text: Hello'],
  ['  - text: Hello', '    output-file: hello.mp3 # greets'],
  ['  - text: Hello', '    output-file: "gate #5.mp3"'],
  ['  - text: &greeting Hello', '  - text: *greeting'],
  ['  - &first', '    text: Hello', '  - voice-id: &amy Amy', '    text: a'],
])(
  'comments behind two blanks, </speak> or an extension, and used anchors, cause no warning: %s',
  (...lines) => {
    expect(told(...lines)).toEqual([]);
  },
);
