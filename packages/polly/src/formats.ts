/** The file extensions, content type and sample rates of each output format. */
import type { Engine, OutputFormat } from './vocabulary.ts';

export type Format = {
  /** The extension to give a file, without the dot. */
  readonly extension: string;
  /** Every extension that fits the format, `extension` first, without the dot, in lower case. */
  readonly extensions: readonly string[];
  /** The `Content-Type` of Polly's reply. */
  readonly contentType: string;
  /** Rates in Hz that SynthesizeSpeech accepts; empty for `json`, which has no rate of its own. */
  readonly sampleRates: readonly number[];
  /** Rates in Hz that StartSpeechSynthesisTask accepts. */
  readonly taskSampleRates: readonly number[];
};

const COMPRESSED = [8000, 16000, 22050, 24000] as const;
const COMPRESSED_HIGH = [...COMPRESSED, 44100, 48000] as const;
const PCM = [8000, 16000] as const;
const TELEPHONE = [8000] as const;
const OPUS = [48000] as const;

/**
 * The formats of [SynthesizeSpeech](https://docs.aws.amazon.com/polly/latest/dg/API_SynthesizeSpeech.html#polly-SynthesizeSpeech-request-SampleRate).
 * `pcm` is signed 16-bit, one channel, little-endian, without a header: a `.wav` would need one, so it isn't accepted.
 */
export const FORMATS: Readonly<Record<OutputFormat, Format>> = {
  mp3: format('audio/mpeg', ['mp3'], COMPRESSED_HIGH, COMPRESSED),
  // AWS's own batch sample uses the extension `ogg_vorbis`.
  ogg_vorbis: format('audio/ogg', ['ogg', 'oga', 'ogg_vorbis'], COMPRESSED_HIGH, COMPRESSED),
  ogg_opus: format('audio/ogg', ['opus', 'ogg', 'oga', 'ogg_opus'], OPUS),
  mulaw: format('audio/mulaw', ['ulaw', 'mulaw', 'ul'], TELEPHONE),
  alaw: format('audio/alaw', ['alaw', 'al'], TELEPHONE),
  pcm: format('audio/pcm', ['pcm', 'raw'], PCM),
  json: format('application/x-json-stream', ['json', 'jsonl', 'ndjson', 'marks'], []),
};

function format(
  contentType: string,
  extensions: readonly [string, ...string[]],
  sampleRates: readonly number[],
  taskSampleRates = sampleRates,
): Format {
  return { extension: extensions[0], extensions, contentType, sampleRates, taskSampleRates };
}

/**
 * The rate in Hz that Polly uses when a request names none; `undefined` for `json`, which is not audio.
 * For mp3 and ogg_vorbis it depends on the engine: 22050 for standard, 24000 for the others.
 */
export function defaultSampleRate(engine: Engine, outputFormat: OutputFormat): number | undefined {
  switch (outputFormat) {
    case 'mp3':
    case 'ogg_vorbis':
      return engine === 'standard' ? 22050 : 24000;
    case 'pcm':
      return 16000;
    case 'mulaw':
    case 'alaw':
      return 8000;
    case 'ogg_opus':
      return 48000;
    case 'json':
      return undefined;
  }
}

/**
 * The engines that support speech marks (`json` output). With a generative voice, `<mark>` does nothing either
 * ([Generative voices](https://docs.aws.amazon.com/polly/latest/dg/generative-voices.html)).
 */
export const SPEECH_MARK_ENGINES: readonly Engine[] = ['standard', 'neural', 'long-form'];
