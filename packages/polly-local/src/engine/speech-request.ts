/** What the engine is asked for and what it gives back: plain data, so that it can cross to a thread and into a file. */
import type { SpeechMarkType, TextType } from '@setlist/polly';
import type { AudioFormat } from '../audio/encoder.ts';
import type { Reading } from '../speech/spoken-text.ts';

export type SpeechRequest = {
  readonly text: string;
  readonly textType: TextType;
  readonly voice: string;
  /** The language to speak, as Polly names it. */
  readonly language: string;
  /** By grapheme; of all the request's lexicons that fit the language, the first to name it. */
  readonly pronunciations: readonly (readonly [string, Reading])[];
  readonly output:
    | { readonly kind: 'audio'; readonly format: AudioFormat; readonly sampleRate: number }
    | { readonly kind: 'marks'; readonly types: readonly SpeechMarkType[] };
  /** Audio is cut here. */
  readonly longestMs?: number;
};

/** The whole file: audio, or speech marks as lines of JSON. */
export type Synthesize = (request: SpeechRequest, signal?: AbortSignal) => Promise<Uint8Array>;

/** The caller went away before all was said. */
export class SynthesisCancelled extends Error {
  override readonly name = 'SynthesisCancelled';

  constructor() {
    super('The caller went away');
  }
}
