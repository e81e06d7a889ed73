/** The length of a text as Polly counts it: for billing, for its limits, and for the choice of operation. */
import { SaxesParser } from 'saxes';
import { CUT_OFF_FROM_MS, LIMITS } from './quotas.ts';
import { maskStrays } from './ssml/strays.ts';
import type { Operation, TextType } from './vocabulary.ts';

export type CharacterCount = {
  /** Characters that Polly charges for. */
  readonly billed: number;
  /** Characters of the text as it is sent, tags included. */
  readonly total: number;
};

/**
 * Counts as Polly documents it: "SSML tags are not counted as billed characters"
 * ([Quotas](https://docs.aws.amazon.com/polly/latest/dg/limits.html)). The text between the tags is billed, an entity
 * such as `&amp;` as one character. Polly doesn't document whether white space is billed; here it is, so that estimates
 * err upwards.
 *
 * A character is a Unicode code point: Polly speaks of characters of UTF-8 input, not of encoding units, so an emoji
 * counts once, regardless of JavaScript's `length`. A call's reply gives the count that was really billed
 * (`x-amzn-RequestCharacters`). Malformed SSML, which Polly refuses, is counted as far as it can be read.
 */
export function countCharacters(text: string, textType: TextType): CharacterCount {
  const total = countCodePoints(text);
  if (textType === 'text' || !/[<&]/.test(text)) return { billed: total, total };
  return { billed: countSpoken(text), total };
}

function countSpoken(ssml: string): number {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let spoken = 0;
  const count = (text: string) => {
    spoken += countCodePoints(text);
  };
  parser.on('text', count);
  parser.on('cdata', count);
  // Errors are for `checkSsml` to report.
  parser.on('error', () => {});
  parser.write(maskStrays(ssml).masked).close();
  return spoken;
}

/** Lone surrogates count as one each, as `String.prototype.codePointAt` sees them. */
function countCodePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const pairs =
      (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    if (pairs) index += 1;
    count += 1;
  }
  return count;
}

/**
 * The operation for a text: SynthesizeSpeech if it accepts the text and would not cut off its audio for the pauses alone,
 * else a task, else `too-long`. Both counts matter: 2,000 billed characters in 7,000 characters of SSML need a task.
 */
export function operationFor(billed: number, total: number, pausesMs = 0): Operation | 'too-long' {
  const { synthesize, task } = LIMITS;
  const fitsCall = billed <= synthesize.billed && total <= synthesize.total && pausesMs < CUT_OFF_FROM_MS;
  if (fitsCall) return 'synthesize';
  return billed <= task.billed && total <= task.total ? 'task' : 'too-long';
}
