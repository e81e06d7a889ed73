/** A text as pieces, each with its place in the input: the basis of both the engine and the speech marks. */

/** One nested `<prosody>`, in Polly's own values. */
export type Prosody = { readonly rate?: string; readonly pitch?: string; readonly volume?: string };

/** How a word is spoken, gathered from all the elements around it. */
export type Style = {
  /** Outermost first. */
  readonly prosody: readonly Prosody[];
  readonly emphasis?: string;
  /** A language other than the voice's own, from `<lang>`. */
  readonly language?: string;
  readonly whispered: boolean;
};

/** What is spoken instead of a word's own letters. */
export type Reading =
  | { readonly kind: 'letters' }
  | { readonly kind: 'alias'; readonly text: string }
  | { readonly kind: 'phonemes'; readonly ipa: string }
  | { readonly kind: 'say-as'; readonly as: string; readonly format?: string };

export type Word = {
  readonly kind: 'word';
  /** The word as a reader sees it: entities resolved, punctuation included. */
  readonly text: string;
  /** Its place in the input, in bytes of UTF-8, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** The word as the input has it, from `start` to `end`. */
  readonly source: string;
  /** Whether it follows the previous word directly. */
  readonly joined: boolean;
  readonly reading: Reading;
  readonly style: Style;
};

export type Piece =
  | Word
  /** A `<mark>`: a point in time that the caller wants named. */
  | { readonly kind: 'mark'; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: 'pause'; readonly ms: number }
  /** A sentence or paragraph ends here, whatever the punctuation says. */
  | { readonly kind: 'boundary'; readonly of: 'sentence' | 'paragraph' };

export const PLAIN: Style = { prosody: [], whispered: false };

export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');
