/** Polly's speech marks: what is spoken when, with its place in the input, as lines of JSON. */
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

/** @param sinceMs the start of the utterance, in ms from the start of the whole audio. */
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
  const reached = timesReached(utterance.marked, times);
  for (const [index, marked] of utterance.marked.entries()) {
    const time = Math.round(sinceMs + (reached[index] ?? 0));
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

/**
 * The time at which each mark or word is reached. espeak drops a mark after a full stop: the next word then begins
 * where sound resumes after the next silence between clauses or, without one, no earlier than the word before it.
 */
function timesReached(marked: Utterance['marked'], { markTimes, phonemes }: Times): number[] {
  const reached: number[] = [];
  let latest = 0;
  for (const index of marked.keys()) {
    const known = markTimes.get(String(index));
    // An SSML mark and the word after it are one place.
    const isSamePlace = marked[index - 1]?.kind === 'mark' && !markTimes.has(String(index - 1));
    if (known !== undefined) latest = Math.max(latest, known);
    else if (!isSamePlace)
      latest = clauseAfter(latest, nextKnown(marked, index, markTimes), phonemes) ?? latest;
    reached.push(latest);
  }
  return reached;
}

function nextKnown(marked: Utterance['marked'], index: number, markTimes: Times['markTimes']): number {
  for (let next = index + 1; next < marked.length; next += 1) {
    const time = markTimes.get(String(next));
    if (time !== undefined) return time;
  }
  return Number.POSITIVE_INFINITY;
}

/** A word can contain one silent phoneme; two in a row separate clauses. */
function clauseAfter(from: number, before: number, phonemes: Times['phonemes']): number | undefined {
  let silent = 0;
  for (const { ms, ipa } of phonemes) {
    if (ms < from) continue;
    if (ms >= before) return undefined;
    if (ipa === '') silent += 1;
    else if (silent >= 2) return ms;
    else silent = 0;
  }
  return undefined;
}

export const ssmlMark = ({ start, end, name }: Mark, ms: number): SpeechMark => ({
  time: Math.round(ms),
  type: 'ssml',
  start,
  end,
  value: name,
});

/** @param marks of the whole text; written by time, a sentence before its words, a viseme after them. */
export function writeMarks(marks: readonly SpeechMark[], types: readonly SpeechMarkType[]): string {
  const order: Record<SpeechMarkType, number> = { sentence: 0, ssml: 1, word: 1, viseme: 2 };
  return marks
    .filter(({ type }) => types.includes(type))
    .sort((a, b) => a.time - b.time || order[a.type] - order[b.type])
    .map((mark) => `${JSON.stringify(mark)}\n`)
    .join('');
}

const BARE = /^([^\p{L}\p{N}]*)(.*?)[^\p{L}\p{N}\p{M}]*$/su;
/** The same for text with entities, where a semicolon that ends one is not punctuation. */
const BARE_WITH_ENTITIES =
  /^((?:&[^;]*;|[^\p{L}\p{N}&])*)(.*?)(?:&(?:quot|apos|gt|lt);|(?<!&[^;\s]*);|[^\p{L}\p{N}\p{M};])*$/su;

/** A word without the punctuation around it; inner apostrophes and hyphens stay. */
function bareWord({ text, source, start, end }: Word): { start: number; end: number; value: string } {
  const match = (text === source ? BARE : BARE_WITH_ENTITIES).exec(source);
  const [before, value] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (value === '') return { start, end, value: source };
  const from = start + Buffer.byteLength(before);
  return { start: from, end: from + Buffer.byteLength(value), value };
}
