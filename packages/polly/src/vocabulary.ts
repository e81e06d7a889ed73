/** The terms of Polly's API, so that all packages spell engines, formats and text types in the same way. */

/** The engines, in the order Polly introduced them ([Voice engines](https://docs.aws.amazon.com/polly/latest/dg/voice-engines-polly.html)). */
export const ENGINES = ['standard', 'neural', 'long-form', 'generative'] as const;
export type Engine = (typeof ENGINES)[number];

/** `json` is speech marks, not audio ([SynthesizeSpeech](https://docs.aws.amazon.com/polly/latest/dg/API_SynthesizeSpeech.html)). */
export const OUTPUT_FORMATS = ['mp3', 'ogg_vorbis', 'ogg_opus', 'mulaw', 'alaw', 'pcm', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What the local engine makes of these besides `json`: it has no encoder for the others. */
export const LOCAL_AUDIO_FORMATS = ['mp3', 'ogg_vorbis', 'pcm', 'mulaw', 'alaw'] as const;

export const TEXT_TYPES = ['text', 'ssml'] as const;
export type TextType = (typeof TEXT_TYPES)[number];

/** What `json` output can mark; `ssml` marks are those of `<mark>` and need a text of type `ssml`. */
export const SPEECH_MARK_TYPES = ['sentence', 'ssml', 'viseme', 'word'] as const;
export type SpeechMarkType = (typeof SPEECH_MARK_TYPES)[number];

/** How speech is requested: `synthesize` is SynthesizeSpeech, `task` is StartSpeechSynthesisTask. */
export type Operation = 'synthesize' | 'task';
