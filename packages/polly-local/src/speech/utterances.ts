/** Turns pieces into espeak's input: an utterance per stretch of a sentence in one voice, and the silences between. */
import { beforeNext } from './full-stops.ts';
import { BETWEEN_PARAGRAPHS_MS, BETWEEN_SENTENCES_MS } from './pauses.ts';
import { sentenceEnds } from './sentences.ts';
import type { Piece, Style, Word } from './spoken-text.ts';
import { wordMarkup } from './word-markup.ts';

export type Mark = {
  readonly kind: 'mark';
  readonly name: string;
  readonly start: number;
  readonly end: number;
};

/** A sentence's place, which its first utterance carries for the speech mark. */
type Sentence = { readonly start: number; readonly end: number };

export type Utterance = {
  readonly kind: 'utterance';
  readonly language: string;
  readonly whispered: boolean;
  /** SSML in espeak's dialect; `<mark name="n"/>` precedes the n-th of `marked`, where espeak would not drop it. */
  readonly markup: string;
  readonly marked: readonly (Word | Mark)[];
  readonly sentence?: Sentence;
};
type Silence = { readonly kind: 'silence'; readonly ms: number };
/** Marks that no word follows: reached when everything before them has been spoken, and without length. */
type Moment = { readonly kind: 'moment'; readonly marks: readonly Mark[] };
export type Part = Utterance | Silence | Moment;

/** espeak's string buffer holds 128 KB; a longer sentence is spoken in stretches. */
const LONGEST_MARKUP = 16_000;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** @param language the voice's own, as Polly names it. */
export function utterancesOf(pieces: readonly Piece[], language: string): Part[] {
  return sentencesOf(pieces, language).flatMap((sentence, index, all) => {
    const said = stretchesOf(sentence.pieces, language);
    const gap =
      index === all.length - 1 ? 0 : sentence.endsParagraph ? BETWEEN_PARAGRAPHS_MS : BETWEEN_SENTENCES_MS;
    return gap > 0 ? [...said, { kind: 'silence', ms: gap } as const] : said;
  });
}

type SentencePieces = { pieces: Piece[]; endsParagraph: boolean };

/** The sentences. Marks and pauses between two belong to the second, those after the last one to the last. */
function sentencesOf(pieces: readonly Piece[], language: string): SentencePieces[] {
  const sentences: SentencePieces[] = [];
  const ends = sentenceEnds(pieces, language);
  let current: Piece[] = [];
  const flush = () => {
    if (!current.some(({ kind }) => kind === 'word')) return;
    sentences.push({ pieces: current, endsParagraph: false });
    current = [];
  };
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind !== 'boundary') current.push(piece);
    if (piece.kind === 'boundary' || ends.has(index)) flush();
    const last = sentences.at(-1);
    if (piece.kind === 'boundary' && piece.of === 'paragraph' && last) last.endsParagraph = true;
  }
  flush();
  const last = sentences.at(-1);
  if (last) last.pieces.push(...current);
  else sentences.push({ pieces: current, endsParagraph: false });
  return sentences;
}

/** A new stretch begins where language or whispering changes, at a pause, and before the buffer is full. */
function stretchesOf(pieces: readonly Piece[], language: string): Part[] {
  const out: Part[] = [];
  const words = pieces.filter((piece) => piece.kind === 'word');
  let sentence = spanOf(words);
  let stretch = newStretch(words[0]?.style, language);
  let marks: Mark[] = [];
  const write = (marked: Word | Mark, isDropped: boolean) => {
    const name = stretch.marked.push(marked) - 1;
    if (!isDropped) stretch.markup += `<mark name="${name}"/>`;
  };
  const flush = () => {
    if (stretch.markup.trim() !== '') {
      const { last: _, ...said } = stretch;
      out.push({ kind: 'utterance', ...said, ...(sentence && { sentence }) });
      sentence = undefined;
    }
    if (marks.length > 0) out.push({ kind: 'moment', marks });
    marks = [];
    stretch = newStretch(undefined, language, stretch);
  };
  for (const piece of pieces) {
    if (piece.kind === 'pause') {
      flush();
      out.push({ kind: 'silence', ms: piece.ms });
    } else if (piece.kind === 'mark') {
      marks.push(piece);
    } else if (piece.kind === 'word') {
      if (!fits(stretch, piece.style, language) || stretch.markup.length > LONGEST_MARKUP) flush();
      if (stretch.markup === '') stretch = newStretch(piece.style, language);
      const dropsMarks = goOn(stretch, piece);
      for (const mark of marks.splice(0)) write(mark, dropsMarks);
      if (!piece.joined) stretch.markup += ' ';
      if (LETTER_OR_DIGIT.test(piece.text)) write(piece, dropsMarks);
      stretch.last = { word: piece, at: stretch.markup.length };
      stretch.markup += wordMarkup(piece, stretch.language);
    }
  }
  flush();
  return out;
}

type Stretch = {
  language: string;
  whispered: boolean;
  markup: string;
  marked: (Word | Mark)[];
  /** The last word so far, and where its own markup begins. */
  last?: { word: Word; at: number };
};

/** Writes the last word as it is spoken before the next. @returns whether marks between the two would be dropped */
function goOn(stretch: Stretch, next: Word): boolean {
  if (stretch.last === undefined) return false;
  const { word, dropsMarks } = beforeNext(stretch.last.word, next, stretch.language);
  if (word !== stretch.last.word) {
    stretch.markup = stretch.markup.slice(0, stretch.last.at) + wordMarkup(word, stretch.language);
  }
  return dropsMarks;
}

function newStretch(style: Style | undefined, language: string, like?: Stretch): Stretch {
  return {
    language: style?.language ?? like?.language ?? language,
    whispered: style?.whispered ?? like?.whispered ?? false,
    markup: '',
    marked: [],
  };
}

const fits = (stretch: Stretch, style: Style, language: string) =>
  stretch.language === (style.language ?? language) && stretch.whispered === style.whispered;

function spanOf(words: readonly Word[]): Sentence | undefined {
  const first = words[0];
  const last = words.at(-1);
  return first && last ? { start: first.start, end: last.end } : undefined;
}
