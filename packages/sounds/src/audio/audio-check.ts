/** Checks audio before it is stored: complete, readable, not empty, not cut off at the provider's limit. */
import type { Sound } from '@setlist/contracts';
import { CUT_OFF_FROM_MS, LIMITS } from '@setlist/polly';
import { AudioUnreadable, type FileFormat, readAudioFile } from './audio-file.ts';

/** Code of audio that can't be used. */
export const UNUSABLE_AUDIO = 'audio-unusable';

/** Audio that is incomplete, or not what was requested. */
export class AudioUnusable extends Error {
  override readonly name = 'AudioUnusable';
  readonly code: string;
  /** Present only where another try would give the same result. */
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string) {
    super(message);
    this.code = remedy ? 'audio-cut-off' : UNUSABLE_AUDIO;
    this.remedy = remedy;
  }
}

/**
 * The duration of the audio in ms; for speech marks, the time of the last one.
 * @throws AudioUnusable where it can't be used
 */
export async function checkAudio(
  audio: Uint8Array,
  sound: Pick<Sound, 'format' | 'sampleRate'>,
  operation: 'synthesize' | 'task',
): Promise<number> {
  // There may be no marks of a kind: a text without `<mark>` has none of type `ssml`, `…` no words, a break none at all.
  if (audio.length === 0 && sound.format !== 'json') throw new AudioUnusable('the provider sent no audio');
  const durationMs = await durationOf(audio, sound);
  if (operation === 'synthesize' && sound.format !== 'json' && durationMs >= CUT_OFF_FROM_MS) {
    throw new AudioUnusable(
      `the audio was cut off at ${LIMITS.synthesizeAudioMs / 60_000} minutes`,
      'Split the text into shorter items, then submit the set again.',
    );
  }
  return durationMs;
}

async function durationOf(audio: Uint8Array, sound: Pick<Sound, 'format' | 'sampleRate'>): Promise<number> {
  const { format, sampleRate } = sound;
  switch (format) {
    case 'pcm':
      if (audio.length % 2 !== 0) throw new AudioUnusable('the audio ends in the middle of a sample');
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
      throw error instanceof AudioUnreadable ? new AudioUnusable(error.message) : error;
    },
  );
  if (!isAsked) throw new AudioUnusable(`the provider sent ${what} for ${format}`);
  if (durationMs <= 0) throw new AudioUnusable('the audio has no duration');
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
      throw new AudioUnusable('the speech marks are not one JSON document a line');
    }
  }
  return last;
}
