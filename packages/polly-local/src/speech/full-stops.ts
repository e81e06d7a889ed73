/** Full stops within a sentence: espeak ends its clause there, drops the mark after it, and a single letter behind that mark. */
import type { Word } from './spoken-text.ts';

const STOPPED = /^(.*?)(?<!\.)\.([,:;]?)$/su;
const LETTER_LAST = /[\p{L}\p{M}]$/u;
/** Without its full stop, "A." would be the article, and the Italian "Dr." two letters. */
const STOP_IS_SAID: Readonly<Record<string, RegExp>> = { it: /(?:^|[^\p{L}.])(?:\p{L}|Dr)$/u };
const INITIAL = /(?:^|[^\p{L}.])\p{L}$/u;
/** Before a small letter espeak reads on by itself. */
const SMALL = /^\p{Ll}/u;

export type BeforeNext = {
  /** As it is to be said. */
  readonly word: Word;
  /** Marks between the two would be dropped all the same, and are not to be written. */
  readonly dropsMarks: boolean;
};

/**
 * An abbreviation is said alike without its full stop; the ordinal "3." is not.
 * @param language in which they are said
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
