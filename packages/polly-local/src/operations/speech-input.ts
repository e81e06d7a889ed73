/** The checks that SynthesizeSpeech and StartSpeechSynthesisTask share, with Polly's error names, before synthesis. */
import {
  checkSsml,
  countCharacters,
  defaultSampleRate,
  ENGINES,
  type Engine,
  FORMATS,
  findVoice,
  LANGUAGES,
  LIMITS,
  LOCAL_AUDIO_FORMATS,
  OUTPUT_FORMATS,
  type OutputFormat,
  SPEECH_MARK_ENGINES,
  SPEECH_MARK_TYPES,
  TEXT_TYPES,
  VOICES,
  type Voice,
} from '@setlist/polly';
import { z } from 'zod';
import type { AudioFormat } from '../audio/encoder.ts';
import type { Sound } from '../call-stats.ts';
import type { SpeechRequest } from '../engine/speech-request.ts';
import type { LexiconStore } from '../lexicons/lexicon-store.ts';
import { ApiError, constraintError } from '../wire/api-error.ts';

const voiceIds = VOICES.map(({ id }) => id);

export const speechInputSchema = z.object({
  Engine: z.enum(ENGINES).default('standard'),
  LanguageCode: z.enum(Object.keys(LANGUAGES)).optional(),
  LexiconNames: z.array(z.string().regex(LIMITS.lexiconName)).max(LIMITS.lexiconsPerRequest).default([]),
  OutputFormat: z.enum(OUTPUT_FORMATS),
  SampleRate: z.string().optional(),
  SpeechMarkTypes: z.array(z.enum(SPEECH_MARK_TYPES)).max(SPEECH_MARK_TYPES.length).default([]),
  Text: z.string(),
  TextType: z.enum(TEXT_TYPES).default('text'),
  VoiceId: z.enum(voiceIds),
});
export type SpeechInput = z.output<typeof speechInputSchema>;

/** A request that Polly would accept, ready for the engine. */
export type SpeechOrder = {
  readonly engine: Engine;
  readonly format: OutputFormat;
  readonly billedCharacters: number;
  readonly sound: Sound;
  readonly request: SpeechRequest;
};

/**
 * @param operation decides the length limits and the sample rates.
 * @throws ApiError with Polly's name for the first fault found.
 */
export function speechOrder(
  input: SpeechInput,
  operation: 'synthesize' | 'task',
  lexicons: LexiconStore,
): SpeechOrder {
  const voice = voiceFor(input);
  const language = languageFor(input, voice);
  checkMarks(input);
  const output = outputFor(input, operation);
  const billedCharacters = checkLength(input, operation);
  if (input.TextType === 'ssml') refuseBadSsml(input);
  return {
    engine: input.Engine,
    format: input.OutputFormat,
    billedCharacters,
    sound: { text: input.Text, voice: voice.id, engine: input.Engine, format: input.OutputFormat },
    request: {
      text: input.Text,
      textType: input.TextType,
      voice: voice.id,
      language,
      pronunciations: lexicons.pronunciations(input.LexiconNames, language),
      output,
      ...(operation === 'synthesize' && { longestMs: LIMITS.synthesizeAudioMs }),
    },
  };
}

function voiceFor({ VoiceId, Engine }: SpeechInput): Voice {
  const voice = findVoice(VoiceId);
  if (!voice) throw constraintError('voiceId', VoiceId, 'Member must satisfy enum value set');
  if (!voice.engines.includes(Engine)) {
    // As Polly does; EngineNotSupportedException exists only in its documentation.
    throw new ApiError('ValidationException', `This voice does not support the selected engine: ${Engine}`);
  }
  return voice;
}

function languageFor({ LanguageCode }: SpeechInput, voice: Voice): string {
  if (LanguageCode === undefined) return voice.language;
  if ([voice.language, ...voice.additionalLanguages].includes(LanguageCode)) return LanguageCode;
  throw new ApiError('LanguageNotSupportedException', `The voice ${voice.id} does not speak ${LanguageCode}`);
}

function checkMarks({ Engine, OutputFormat, SpeechMarkTypes, TextType }: SpeechInput): void {
  if (OutputFormat !== 'json' && SpeechMarkTypes.length > 0) {
    throw new ApiError(
      'MarksNotSupportedForFormatException',
      'Speech marks are only supported for the json format',
    );
  }
  if (OutputFormat === 'json' && !SPEECH_MARK_ENGINES.includes(Engine)) {
    throw new ApiError('ValidationException', `Speech marks are not supported by the engine ${Engine}`);
  }
  if (OutputFormat === 'json' && SpeechMarkTypes.length === 0) {
    throw constraintError('speechMarkTypes', undefined, 'Member must not be empty when outputFormat is json');
  }
  if (SpeechMarkTypes.includes('ssml') && TextType === 'text') {
    throw new ApiError(
      'SsmlMarksNotSupportedForTextTypeException',
      'SSML marks are not supported for plain text',
    );
  }
}

function outputFor(
  { OutputFormat, SampleRate, Engine, SpeechMarkTypes }: SpeechInput,
  operation: 'synthesize' | 'task',
): SpeechRequest['output'] {
  const rate = rateFor({ OutputFormat, SampleRate, Engine }, operation);
  if (OutputFormat === 'json') return { kind: 'marks', types: SpeechMarkTypes };
  if (!isEncoded(OutputFormat)) {
    throw new ApiError(
      'ValidationException',
      `This local engine has no encoder for ${OutputFormat}: use ${LOCAL_AUDIO_FORMATS.join(', ')} or json`,
    );
  }
  return { kind: 'audio', format: OutputFormat, sampleRate: rate };
}

/** The rate in Hz, in plain digits. Speech marks have no sound, so they accept any rate of compressed audio. */
function rateFor(
  { OutputFormat, SampleRate, Engine }: Pick<SpeechInput, 'OutputFormat' | 'SampleRate' | 'Engine'>,
  operation: 'synthesize' | 'task',
): number {
  const isSound = OutputFormat !== 'json';
  const format = FORMATS[isSound ? OutputFormat : 'mp3'];
  const allowed = operation === 'task' ? format.taskSampleRates : format.sampleRates;
  const asked = SampleRate ?? String(defaultSampleRate(Engine, isSound ? OutputFormat : 'mp3'));
  const rate = allowed.find((each) => String(each) === asked);
  if (rate !== undefined) return rate;
  throw new ApiError(
    'InvalidSampleRateException',
    `The sample rate ${asked} is not valid for ${OutputFormat}: use ${allowed.join(', ')}`,
  );
}

const isEncoded = (format: OutputFormat): format is AudioFormat =>
  (LOCAL_AUDIO_FORMATS as readonly string[]).includes(format);

function checkLength({ Text, TextType }: SpeechInput, operation: 'synthesize' | 'task'): number {
  const { billed, total } = countCharacters(Text, TextType);
  const limit = LIMITS[operation];
  if (billed <= limit.billed && total <= limit.total) return billed;
  throw new ApiError(
    'TextLengthExceededException',
    `Maximum text length has been exceeded: ${billed} billed characters of ${limit.billed}, ${total} in total of ${limit.total}`,
  );
}

function refuseBadSsml({ Text, Engine, VoiceId }: SpeechInput): void {
  const [problem] = checkSsml(Text, { engine: Engine, voice: VoiceId });
  if (!problem) return;
  const where = `line ${problem.line}, column ${problem.column}`;
  throw new ApiError('InvalidSsmlException', `Invalid SSML request: ${problem.message} (${where})`);
}
