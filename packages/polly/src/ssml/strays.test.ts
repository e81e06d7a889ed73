/** References by number in SSML. */
import { expect, test } from 'vitest';
import { checkSsml } from './ssml.ts';

const problemsOf = (content: string) =>
  checkSsml(`<speak>${content}</speak>`, { engine: 'neural' }).map(
    ({ line, column, kind, message, remedy }) => `${line}:${column} ${kind} ${message} ${remedy}`,
  );

test('each reference to a character that XML lacks is named, and is to be removed', () => {
  const references = [
    '&#0;',
    '&#7;',
    '&#x1f;',
    '&#xD800;',
    '&#xfffe;',
    '&#x110000;',
    `&#${'9'.repeat(400)};`,
  ];
  expect(problemsOf(references.join('\n'))).toEqual(
    references.map(
      (reference, index) =>
        `${index + 1}:${index === 0 ? 8 : 1} malformed \`${reference}\` stands for no character. Remove it.`,
    ),
  );
});

test.each(['&#9;', '&#233;', '&#xE9;', '&#x85;', '&#xd7ff;', '&#xE000;', '&#128512;', '<!-- &#7; -->'])(
  '%s is accepted',
  (content) => {
    expect(problemsOf(`a ${content} b`)).toEqual([]);
  },
);
