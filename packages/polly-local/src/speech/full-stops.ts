/** Full stops within a sentence: espeak ends its clause there, and drops the next mark and a single letter after it. */
import type { Word } from './spoken-text.ts';

const STOPPED = /^(.*?)(?<!\.)\.([,:;]?)$/su;
const LETTER_LAST = /[\p{L}\p{M}]$/u;
/** Words that need their full stop: without it, "A." would be the article, and the Italian "Dr." two letters. */
const STOP_IS_SAID: Readonly<Record<string, RegExp>> = { it: /(?:^|[^\p{L}.])(?:\p{L}|Dr)$/u };
const INITIAL = /(?:^|[^\p{L}.])\p{L}$/u;
/** espeak doesn't end its clause before a lower-case letter. */
const SMALL = /^\p{Ll}/u;

export type BeforeNext = {
  /** The word as it must be spoken. */
  readonly word: Word;
  /** Whether espeak would still drop marks between the two, so that they must not be written. */
  readonly dropsMarks: boolean;
};

/**
 * An abbreviation sounds the same without its full stop; the ordinal "3." does not.
 * @param language the spoken language
 */
export function beforeNext(word: Word, next: Word, language: string): BeforeNext {
  const { reading } = word;
  const said = reading.kind === 'alias' ? reading.text : word.text;
  const [stopped, bare = '', after] = STOPPED.exec(said) ?? [];
  if (stopped === undefined || next.joined || (after === '' && SMALL.test(next.text))) {
    return { word, dropsMarks: false };
  }
  const keepsStop = STOP_IS_SAID[language.slice(0, 2)] ?? INITIAL;
  if (!LETTER_LAST.test(bare) || keepsStop.test(bare)) return { word, dropsMarks: true };
  const text = `${bare}${after}`;
  if (reading.kind === 'alias')
    return { word: { ...word, reading: { ...reading, text } }, dropsMarks: false };
  if (reading.kind === 'letters') return { word: { ...word, text }, dropsMarks: false };
  return { word, dropsMarks: true };
}
