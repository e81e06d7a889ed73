/** Turns pieces into what espeak is given: one utterance per stretch of one sentence in one voice, and the silences between. */
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

/** The first utterance of a sentence carries it, for its speech mark. */
type Sentence = { readonly start: number; readonly end: number };

export type Utterance = {
  readonly kind: 'utterance';
  readonly language: string;
  readonly whispered: boolean;
  /** SSML in espeak's dialect; `<mark name="n"/>` stands before the n-th of `marked`. */
  readonly markup: string;
  readonly marked: readonly (Word | Mark)[];
  readonly sentence?: Sentence;
};
type Silence = { readonly kind: 'silence'; readonly ms: number };
/** Marks that no word follows: reached when what comes before them has been said, and of no length. */
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

/** Each has words: marks and pauses between two belong to the second, and those after the last to the last. */
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

/** Where language or whispering changes, at a pause, and before the buffer is full, a new stretch begins. */
function stretchesOf(pieces: readonly Piece[], language: string): Part[] {
  const out: Part[] = [];
  const words = pieces.filter((piece) => piece.kind === 'word');
  let sentence = spanOf(words);
  let stretch = newStretch(words[0]?.style, language);
  let marks: Mark[] = [];
  const write = (marked: Word | Mark) => {
    stretch.markup += `<mark name="${stretch.marked.push(marked) - 1}"/>`;
  };
  const flush = () => {
    if (stretch.markup.trim() !== '') {
      out.push({ kind: 'utterance', ...stretch, ...(sentence && { sentence }) });
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
      for (const mark of marks.splice(0)) write(mark);
      if (!piece.joined) stretch.markup += ' ';
      if (LETTER_OR_DIGIT.test(piece.text)) write(piece);
      stretch.markup += wordMarkup(piece, piece.style.language ?? language);
    }
  }
  flush();
  return out;
}

type Stretch = { language: string; whispered: boolean; markup: string; marked: (Word | Mark)[] };

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
