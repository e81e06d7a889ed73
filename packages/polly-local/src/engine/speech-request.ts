/** The engine's requests and results: plain data, so that they can be passed to threads and written to files. */
import type { SpeechMarkType, TextType } from '@setlist/polly';
import type { AudioFormat } from '../audio/encoder.ts';
import type { Reading } from '../speech/spoken-text.ts';

export type SpeechRequest = {
  readonly text: string;
  readonly textType: TextType;
  readonly voice: string;
  /** The language to speak, as Polly names it. */
  readonly language: string;
  /** By grapheme: the pronunciation in the first of the request's lexicons for the language that has it. */
  readonly pronunciations: readonly (readonly [string, Reading])[];
  readonly output:
    | { readonly kind: 'audio'; readonly format: AudioFormat; readonly sampleRate: number }
    | { readonly kind: 'marks'; readonly types: readonly SpeechMarkType[] };
  /** Audio is cut off after this time; without it, audio that is too long for the engine is refused. */
  readonly longestMs?: number;
};

/** The whole file: audio, or speech marks as lines of JSON. */
export type Synthesize = (request: SpeechRequest, signal?: AbortSignal) => Promise<Uint8Array>;

/** The audio would be longer than the engine makes: a whole file is kept in memory, several times over. */
export class AudioTooLong extends Error {
  override readonly name = 'AudioTooLong';

  constructor(longestMs: number) {
    super(
      `The audio would be longer than ${longestMs / 3_600_000} hours, the most that this engine makes: split the text`,
    );
  }
}

/** The caller disconnected before the end. */
export class SynthesisCancelled extends Error {
  override readonly name = 'SynthesisCancelled';

  constructor() {
    super('The caller disconnected');
  }
}
