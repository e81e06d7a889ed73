/** Cuts text into words with their places: at blanks, at lexicon graphemes, and by word in scripts without blanks. */
import { byteLength, type Piece, type Reading, type Style, type Word } from './spoken-text.ts';

/** Readings by grapheme, from the lexicons. */
export type Pronunciations = ReadonlyMap<string, Reading>;

export type RunOfText = {
  readonly source: string;
  /** Byte position of `source` in the whole input. */
  readonly start: number;
  readonly style: Style;
  /** Whether no blank separates this run from the one before. */
  readonly joined: boolean;
  /** Turns a piece of the source into the text that a reader sees; the identity for plain text. */
  readonly decode: (source: string) => string;
};

/** The longest word: a longer run without a blank is not a word of any language, and is cut for the engine. */
const LONGEST_WORD = 400;
const WITHOUT_BLANKS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** A letter or digit that joins with a neighbouring one into a word; those of scripts without blanks don't. */
const JOINS = '[[\\p{L}\\p{N}]--[\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}]]';
const JOINING = new RegExp(`^${JOINS}$`, 'v');
/** Not inside an entity, whose name is not a word. */
const OUTSIDE_ENTITY = '(?<!&#?\\w{0,8}(?=\\w{0,8};))';
const LETTERS = { kind: 'letters' } as const;
const ENTITY_AWARE_PARTS = /&[^;\s]*;|[\s\S]/gu;

/** Cuts texts of one language, with the lexicons of one request. */
export function createWordCutter(language: string, pronunciations: Pronunciations) {
  const known = patternOf(pronunciations);
  const segmenter = new Intl.Segmenter(language, { granularity: 'word' });

  return function cut(run: RunOfText): Piece[] {
    const pieces: Piece[] = [];
    let at = run.start;
    let joined = run.joined;
    const push = (source: string, reading: Reading) => {
      const end = at + byteLength(source);
      const text = run.decode(source);
      pieces.push({
        kind: 'word',
        text,
        source,
        start: at,
        end,
        joined,
        reading,
        style: run.style,
      } satisfies Word);
      at = end;
      joined = true;
    };
    for (const part of split(run.source, known)) {
      if (part.trim() === '') {
        if (/\n\s*\n/.test(part)) pieces.push({ kind: 'boundary', of: 'paragraph' });
        at += byteLength(part);
        joined = false;
        continue;
      }
      const reading = pronunciations.get(run.decode(part));
      if (reading) push(part, reading);
      else for (const word of withinBlanks(part, segmenter)) push(word, LETTERS);
    }
    return pieces;
  };
}

/** Blanks, graphemes and everything between them, in order; nothing is lost. */
function split(source: string, known: RegExp | undefined): string[] {
  const parts = known ? source.split(known) : [source];
  return parts.flatMap((part, index) => (index % 2 === 1 ? [part] : (part.match(/\s+|\S+/gu) ?? [])));
}

function patternOf(pronunciations: Pronunciations): RegExp | undefined {
  if (pronunciations.size === 0) return undefined;
  // The longest first, so that "New York City" is found before "New York".
  const graphemes = [...pronunciations.keys()]
    .sort((a, b) => b.length - a.length)
    .flatMap((grapheme) => [...new Set([grapheme, grapheme.replaceAll('&', '&amp;')])])
    .map(wholeWord);
  return new RegExp(`${OUTSIDE_ENTITY}(${graphemes.join('|')})`, 'v');
}

function wholeWord(grapheme: string): string {
  const characters = [...grapheme];
  const [first = '', last = ''] = [characters[0], characters.at(-1)];
  const begins = JOINING.test(first) ? `(?<!${JOINS})` : '';
  const ends = JOINING.test(last) ? `(?!${JOINS})` : '';
  return begins + grapheme.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') + ends;
}

function withinBlanks(part: string, segmenter: Intl.Segmenter): string[] {
  if (WITHOUT_BLANKS.test(part) && !part.includes('&')) return scriptWords(part, segmenter);
  if (part.length <= LONGEST_WORD) return [part];
  const atoms = part.match(ENTITY_AWARE_PARTS) ?? [];
  return Array.from({ length: Math.ceil(atoms.length / LONGEST_WORD) }, (_, index) =>
    atoms.slice(index * LONGEST_WORD, (index + 1) * LONGEST_WORD).join(''),
  );
}

/** Punctuation stays with the word before it, as it does in scripts with blanks. */
function scriptWords(part: string, segmenter: Intl.Segmenter): string[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(part)) {
    const last = words.at(-1);
    if (isWordLike || last === undefined) words.push(segment);
    else words[words.length - 1] = last + segment;
  }
  return words;
}
