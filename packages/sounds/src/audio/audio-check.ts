/** Checks audio before it is stored: complete, readable, not empty, not cut off at the provider's limit. */
import type { Reason, Sound } from '@setlist/contracts';
import { CUT_OFF_FROM_MS, LIMITS, pausesMs } from '@setlist/polly';
import { CUT_OFF_AUDIO } from '../domain/sound-life.ts';
import { AudioUnreadable, type FileFormat, readAudioFile } from './audio-file.ts';

/** Code of audio that can't be used. */
export const UNUSABLE_AUDIO = 'audio-unusable';

/** Why an item fails whose audio is too long for a call, where no task can make it. */
export const CUT_OFF: Reason = {
  code: CUT_OFF_AUDIO,
  message: `a call’s audio is cut off at ${LIMITS.synthesizeAudioMs / 60_000} minutes, and this text takes longer`,
  remedy:
    'Set TASK_BUCKET and TASK_STORE for the dispatcher, and ask for a sample rate that tasks have, so that a task can record the text whole; or split it. Then submit the set again.',
};

/** Audio that is incomplete, or not what was requested. */
export class AudioUnusable extends Error {
  override readonly name = 'AudioUnusable';
  readonly code: string;
  /** Present only where another try would give the same result. */
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string) {
    super(message);
    this.code = remedy ? CUT_OFF_AUDIO : UNUSABLE_AUDIO;
    this.remedy = remedy;
  }
}

type Form = Pick<Sound, 'format' | 'sampleRate'>;
type Script = Pick<Sound, 'text' | 'textType'>;

/**
 * The duration of the audio in ms; for speech marks, the time of the last one.
 * @throws AudioUnusable where it can't be used
 */
export async function checkAudio(audio: Uint8Array, form: Form): Promise<number> {
  // There may be no marks of a kind: a text without `<mark>` has none of type `ssml`, `…` no words, a break none at all.
  if (audio.length === 0 && form.format !== 'json') throw new AudioUnusable('the provider sent no audio');
  return durationOf(audio, form);
}

/**
 * The same for the audio of a call.
 * @throws AudioUnusable also where it was cut off
 */
export async function checkCallAudio(audio: Uint8Array, sound: Form & Script): Promise<number> {
  const durationMs = await checkAudio(audio, sound);
  const isCutOff =
    sound.format === 'json' ? areCutOff(readMarks(audio), sound) : durationMs >= CUT_OFF_FROM_MS;
  if (!isCutOff) return durationMs;
  throw new AudioUnusable(CUT_OFF.message, CUT_OFF.remedy);
}

async function durationOf(audio: Uint8Array, { format, sampleRate }: Form): Promise<number> {
  switch (format) {
    case 'pcm':
      if (audio.length % 2 !== 0) throw new AudioUnusable('the audio ends in the middle of a sample');
      return Math.round((audio.length / 2 / sampleRate) * 1_000);
    case 'mulaw':
    case 'alaw':
      return Math.round((audio.length / sampleRate) * 1_000);
    case 'json':
      return lastTimeOf(readMarks(audio));
    default:
      return fileDuration(audio, format);
  }
}

async function fileDuration(audio: Uint8Array, format: FileFormat): Promise<number> {
  const { isAsked, what, durationMs } = await readAudioFile(audio, format, { isProvider: true }).catch(
    (error: unknown) => {
      throw error instanceof AudioUnreadable ? new AudioUnusable(error.message) : error;
    },
  );
  if (!isAsked) throw new AudioUnusable(`the provider sent ${what} for ${format}`);
  if (durationMs <= 0) throw new AudioUnusable('the audio has no duration');
  return durationMs;
}

interface Mark {
  readonly type: unknown;
  /** In ms. */
  readonly time: number;
  /** Where its word or sentence ends, in bytes of the text. */
  readonly end: number | undefined;
}

function readMarks(marks: Uint8Array): Mark[] {
  if (marks.length === 0) return [];
  const lines = Buffer.from(marks).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    try {
      const { type, time, end } = JSON.parse(line) as Record<string, unknown>;
      return {
        type,
        time: typeof time === 'number' ? time : 0,
        end: typeof end === 'number' ? end : undefined,
      };
    } catch {
      throw new AudioUnusable('the speech marks are not one JSON document a line');
    }
  });
}

const lastTimeOf = (marks: readonly Mark[]): number =>
  marks.reduce((latest, { time }) => Math.max(latest, time), 0);

/**
 * From here on, the last mark of a call and the pauses after it may be the last before the cut: a long sentence, or
 * pauses of unknown length, may follow.
 */
const LAST_MARK_FROM_MS = LIMITS.synthesizeAudioMs - 30_000;
/** What follows the last word of an SSML text without being spoken: tags and entities. */
const UNSPOKEN = /<[^>]*>|&[^;]*;/g;

/** Tags with nothing spoken between them. */
const TAGS = /(?:<[^>]*>\s*)+/g;

/** The longest pause that an SSML text asks for, in ms; breaks in a row are one. */
const longestPauseMs = (ssml: string): number =>
  Math.max(0, ...Array.from(ssml.matchAll(TAGS), ([tags]) => pausesMs(`<speak>${tags}`)));

/** Whether marks end at the limit of a call, and before the text does where they tell: those of words and sentences. */
function areCutOff(marks: readonly Mark[], { text, textType }: Script): boolean {
  const lastMs = lastTimeOf(marks);
  const lastOf = (wanted: string) => marks.findLast(({ type }) => type === wanted);
  const word = lastOf('word');
  const isSsml = textType === 'ssml';
  // Without words nothing tells whether a pause that was cut off followed the last mark.
  const pause = isSsml && !word ? longestPauseMs(text) : 0;
  const isAtLimit = lastMs >= CUT_OFF_FROM_MS - pause;
  const end = (word ?? lastOf('sentence'))?.end;
  if (end === undefined) return isAtLimit;
  // A sentence's mark says where it will end: its visemes tell how far it was spoken.
  if (isAtLimit && !word && lastOf('viseme')) return true;
  const rest = Buffer.from(text).subarray(end).toString('utf8');
  const pauses = isSsml ? pausesMs(`<speak>${rest}`) : 0;
  const spoken = isSsml ? rest.replaceAll(UNSPOKEN, '') : rest;
  return lastMs + pauses >= LAST_MARK_FROM_MS && /[\p{L}\p{N}]/u.test(spoken);
}
