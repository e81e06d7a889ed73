/** The facts of Amazon Polly as data and pure functions. */
export { countCharacters, operationFor } from './characters.ts';
export { POLLY_ERRORS, pollyErrorOf, THROTTLING } from './errors.ts';
export { defaultSampleRate, FORMATS, SPEECH_MARK_ENGINES } from './formats.ts';
export { LANGUAGES } from './languages.ts';
export { costOf, exactUsd, formatUsd, PRICES_PER_MILLION, parseUsd, type Usd } from './money.ts';
export { QUOTA_FORMS, quotasFor, readQuotas } from './quota-setting.ts';
export {
  CUT_OFF_FROM_MS,
  LIMITS,
  type LookUp,
  QUOTAS,
  type Quota,
  type Quotas,
  VOICES_QUOTA,
} from './quotas.ts';
export { pausesMs } from './ssml/pauses.ts';
export { SSML_TAGS } from './ssml/rules.ts';
export { checkSsml } from './ssml/ssml.ts';
export {
  ENGINES,
  type Engine,
  LOCAL_AUDIO_FORMATS,
  type Operation,
  OUTPUT_FORMATS,
  type OutputFormat,
  SPEECH_MARK_TYPES,
  type SpeechMarkType,
  TEXT_TYPES,
  type TextType,
} from './vocabulary.ts';
export { findVoice, VOICES, VOICES_AS_OF, type Voice, voicesOf } from './voices.ts';
