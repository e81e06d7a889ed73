/** Looks at audio before it is stored: whole, readable, not empty, not cut off at the provider's limit. */
import type { Sound } from '@setlist/contracts';
import { LIMITS } from '@setlist/polly';
import { UNUSABLE_AUDIO } from '../domain/classify.ts';
import { AudioUnreadable, type FileFormat, readAudioFile } from './audio-file.ts';
import { CallFailed } from './failures.ts';

/** Within this of the ten minutes at which SynthesizeSpeech cuts the audio off without saying so. */
const CUT_MARGIN_MS = 500;

const unusable = (message: string, remedy?: string): CallFailed =>
  new CallFailed({
    from: 'audio',
    code: remedy ? 'audio-cut-off' : UNUSABLE_AUDIO,
    message,
    billed: true,
    ...(remedy ? { remedy, retryable: false } : {}),
  });

/**
 * The duration of the audio in ms; of speech marks, the time of the last one.
 * @throws CallFailed where it can't be used; the call that brought it was billed
 */
export async function checkAudio(
  audio: Uint8Array,
  sound: Pick<Sound, 'format' | 'sampleRate'>,
  operation: 'synthesize' | 'task',
): Promise<number> {
  // Marks of one kind may be none at all: a text without `<mark>` has none of type `ssml`.
  if (audio.length === 0 && sound.format !== 'json') throw unusable('the provider sent no audio');
  const durationMs = await durationOf(audio, sound);
  const longest = LIMITS.synthesizeAudioMs;
  if (operation === 'synthesize' && sound.format !== 'json' && durationMs >= longest - CUT_MARGIN_MS) {
    throw unusable(
      `the audio was cut off at ${longest / 60_000} minutes`,
      'Split the text into shorter items, then submit the set again.',
    );
  }
  return durationMs;
}

async function durationOf(audio: Uint8Array, sound: Pick<Sound, 'format' | 'sampleRate'>): Promise<number> {
  const { format, sampleRate } = sound;
  switch (format) {
    case 'pcm':
      if (audio.length % 2 !== 0) throw unusable('the audio ends in the middle of a sample');
      return Math.round((audio.length / 2 / sampleRate) * 1_000);
    case 'mulaw':
    case 'alaw':
      return Math.round((audio.length / sampleRate) * 1_000);
    case 'json':
      return lastMark(audio);
    default:
      return fileDuration(audio, format);
  }
}

async function fileDuration(audio: Uint8Array, format: FileFormat): Promise<number> {
  const { isAsked, what, durationMs } = await readAudioFile(audio, format, { isProvider: true }).catch(
    (error: unknown) => {
      throw error instanceof AudioUnreadable ? unusable(error.message) : error;
    },
  );
  if (!isAsked) throw unusable(`the provider sent ${what} for ${format}`);
  if (durationMs <= 0) throw unusable('the audio has no duration');
  return durationMs;
}

function lastMark(marks: Uint8Array): number {
  if (marks.length === 0) return 0;
  const lines = Buffer.from(marks).toString('utf8').trimEnd().split('\n');
  let last = 0;
  for (const line of lines) {
    try {
      const { time } = JSON.parse(line) as { time?: unknown };
      if (typeof time === 'number') last = Math.max(last, time);
    } catch {
      throw unusable('the speech marks are not one JSON document a line');
    }
  }
  return last;
}
