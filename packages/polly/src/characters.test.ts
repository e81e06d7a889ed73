/** A text's cost and its operation both depend on these counts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countCharacters, LIMITS, operationFor } from './index.ts';

describe('countCharacters', () => {
  test.each([
    ['plain text, white space included', 'Ah,  so.\n', 'text', { billed: 9, total: 9 }],
    ['markup in a plain text as what it is', '<p>a</p>', 'text', { billed: 8, total: 8 }],
    ['an emoji as one character', 'a😀b', 'text', { billed: 3, total: 3 }],
    ['no tag', '<speak>No.<break time="1s"/></speak>', 'ssml', { billed: 3, total: 36 }],
    [
      'a tag whose attribute holds a bracket',
      '<speak><sub alias="a > b">x</sub></speak>',
      'ssml',
      { billed: 1, total: 41 },
    ],
    [
      'an entity as the character it stands for',
      '<speak>R&amp;J &#233;&#x1F600;</speak>',
      'ssml',
      { billed: 6, total: 38 },
    ],
    ['white space between tags', '<speak> <p>a</p>\n</speak>', 'ssml', { billed: 3, total: 25 }],
    ['no comment', '<speak><!-- no <tag> & so -->a</speak>', 'ssml', { billed: 1, total: 38 }],
    ['SSML without a root', '<prosody pitch="low">Dull</prosody>', 'ssml', { billed: 4, total: 35 }],
    ['all text after a bare ampersand', '<speak>Romeo & Juliet</speak>', 'ssml', { billed: 14, total: 29 }],
    ['nothing in nothing', '', 'ssml', { billed: 0, total: 0 }],
  ] as const)('counts %s', (_, text, textType, counts) => {
    expect(countCharacters(text, textType)).toEqual(counts);
  });

  test('never bills more characters than any text has', () => {
    const markup = fc.string({
      unit: fc.constantFrom('<', '>', '&', ';', '/', '"', 'a', ' ', '!', '-', '[', ']', '😀'),
    });
    fc.assert(
      fc.property(fc.oneof(markup, fc.string({ unit: 'binary' })), (text) => {
        const { billed, total } = countCharacters(text, 'ssml');
        expect(billed).toBeLessThanOrEqual(total);
        expect(billed).toBeGreaterThanOrEqual(0);
        expect(total).toBe([...text].length);
      }),
    );
  });
});

test('operationFor chooses a task as soon as either count, or the pauses, are too large for a call', () => {
  const { synthesize, task } = LIMITS;
  expect(operationFor(synthesize.billed, synthesize.total)).toBe('synthesize');
  expect(operationFor(synthesize.billed + 1, synthesize.billed + 1)).toBe('task');
  expect(operationFor(1, synthesize.total + 1)).toBe('task');
  expect(operationFor(1, 1, LIMITS.synthesizeAudioMs - 501)).toBe('synthesize');
  expect(operationFor(1, 1, LIMITS.synthesizeAudioMs - 500)).toBe('task');
  expect(operationFor(task.billed, task.total)).toBe('task');
  expect(operationFor(task.billed + 1, task.billed + 1)).toBe('too-long');
  expect(operationFor(1, task.total + 1)).toBe('too-long');
});
