/** Polly's speech marks: what is said when, with the place in the input, as lines of JSON. */
import type { SpeechMarkType } from '@setlist/polly';
import type { Rendered } from '../engine/espeak.ts';
import type { Word } from './spoken-text.ts';
import type { Mark, Utterance } from './utterances.ts';
import { visemeOf } from './visemes.ts';

/** Keys in Polly's order. `start` and `end` are bytes of UTF-8 in the input, tags included. */
export type SpeechMark = {
  readonly time: number;
  readonly type: SpeechMarkType;
  readonly start?: number;
  readonly end?: number;
  readonly value: string;
};

type Times = Pick<Rendered, 'markTimes' | 'phonemes'>;

/** @param sinceMs when the utterance begins, in milliseconds of the whole audio. */
export function marksOf(utterance: Utterance, times: Times, input: Buffer, sinceMs: number): SpeechMark[] {
  const marks: SpeechMark[] = [];
  if (utterance.sentence) {
    const { start, end } = utterance.sentence;
    marks.push({
      time: Math.round(sinceMs),
      type: 'sentence',
      start,
      end,
      value: input.toString('utf8', start, end),
    });
  }
  let latest = 0;
  for (const [index, marked] of utterance.marked.entries()) {
    // espeak drops a mark now and then; its word then begins no earlier than the one before.
    latest = Math.max(latest, times.markTimes.get(String(index)) ?? latest);
    const time = Math.round(sinceMs + latest);
    if (marked.kind === 'word') marks.push({ time, type: 'word', ...bareWord(marked) });
    else marks.push(ssmlMark(marked, time));
  }
  let shape: string | undefined;
  for (const { ms, ipa } of times.phonemes) {
    const value = visemeOf(ipa);
    if (value !== shape) marks.push({ time: Math.round(sinceMs + ms), type: 'viseme', value });
    shape = value;
  }
  return marks;
}

export const ssmlMark = ({ start, end, name }: Mark, ms: number): SpeechMark => ({
  time: Math.round(ms),
  type: 'ssml',
  start,
  end,
  value: name,
});

/** @param marks of the whole text; sorted by time, a sentence before its words, a mouth's shape after them. */
export function writeMarks(marks: readonly SpeechMark[], types: readonly SpeechMarkType[]): string {
  const order: Record<SpeechMarkType, number> = { sentence: 0, ssml: 1, word: 1, viseme: 2 };
  return marks
    .filter(({ type }) => types.includes(type))
    .sort((a, b) => a.time - b.time || order[a.type] - order[b.type])
    .map((mark) => `${JSON.stringify(mark)}\n`)
    .join('');
}

const BARE = /^([^\p{L}\p{N}]*)(.*?)[^\p{L}\p{N}\p{M}]*$/su;
/** The same where entities may stand for characters: a semicolon that ends one is no punctuation. */
const BARE_WITH_ENTITIES =
  /^((?:&[^;]*;|[^\p{L}\p{N}&])*)(.*?)(?:&(?:quot|apos|gt|lt);|(?<!&[^;\s]*);|[^\p{L}\p{N}\p{M};])*$/su;

/** A word without the punctuation around it; apostrophes and hyphens within stay. */
function bareWord({ text, source, start, end }: Word): { start: number; end: number; value: string } {
  const match = (text === source ? BARE : BARE_WITH_ENTITIES).exec(source);
  const [before, value] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (value === '') return { start, end, value: source };
  const from = start + Buffer.byteLength(before);
  return { start: from, end: from + Buffer.byteLength(value), value };
}
