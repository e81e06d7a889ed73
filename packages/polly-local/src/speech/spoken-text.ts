/** What a text says, piece by piece, each with its place in the input: what both the engine and the speech marks work from. */

/** One nested `<prosody>`, in Polly's own values. */
export type Prosody = { readonly rate?: string; readonly pitch?: string; readonly volume?: string };

/** How a word is said, gathered from all the elements around it. */
export type Style = {
  /** Outermost first. */
  readonly prosody: readonly Prosody[];
  readonly emphasis?: string;
  /** A language other than the voice's own, from `<lang>`. */
  readonly language?: string;
  readonly whispered: boolean;
};

/** What is said in place of a word's own letters. */
export type Reading =
  | { readonly kind: 'letters' }
  | { readonly kind: 'alias'; readonly text: string }
  | { readonly kind: 'phonemes'; readonly ipa: string }
  | { readonly kind: 'say-as'; readonly as: string; readonly format?: string };

export type Word = {
  readonly kind: 'word';
  /** As a reader sees it: entities resolved, punctuation included. */
  readonly text: string;
  /** Where it stands in the input, in bytes of UTF-8, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** The word as the input has it, from `start` to `end`. */
  readonly source: string;
  /** Nothing stands between it and the word before it. */
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
