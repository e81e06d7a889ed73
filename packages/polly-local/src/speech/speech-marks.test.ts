import { expect, it } from 'vitest';
import { piecesOf } from '../engine/synthesizer.ts';
import { marksOf } from './speech-marks.ts';
import { utterancesOf } from './utterances.ts';

const SILENT = { markTimes: new Map(), phonemes: [] };

/** The values of word marks, each checked against the input at its place. */
function wordsMarked(text: string, textType: 'text' | 'ssml'): string[] {
  const input = Buffer.from(text);
  const pieces = piecesOf({ text, textType, language: 'en-US', pronunciations: [] });
  return utterancesOf(pieces, 'en-US').flatMap((part) => {
    const marks = part.kind === 'utterance' ? marksOf(part, SILENT, input, 0) : [];
    return marks.flatMap(({ type, start, end, value }) => {
      if (type !== 'word') return [];
      expect(input.toString('utf8', start, end)).toBe(value);
      return [value];
    });
  });
}

it.each([
  ['text', 'Stop; (now); “go”!', ['Stop', 'now', 'go']],
  ['text', 'AT&amp; &lt;b;', ['AT&amp', 'lt;b']],
  ['text', "don't well-known", ["don't", 'well-known']],
  ['ssml', '<speak>Stop; now); AT&amp;T; caf&#233;; &quot;go&quot;; caf&#233;</speak>', null],
] as const)('marks words without the punctuation around them, in %s: %s', (textType, text, expected) => {
  expect(wordsMarked(text, textType)).toEqual(
    expected ?? ['Stop', 'now', 'AT&amp;T', 'caf&#233;', 'go', 'caf&#233;'],
  );
});
