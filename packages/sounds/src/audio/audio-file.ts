/** Identifies an audio file by its content, whatever its name. */

import type { OutputFormat } from '@setlist/polly';
import { messageOf } from '@setlist/runtime';
import { checkMp3Frames } from './mp3-frames.ts';

/** mediabunny's names for the container and codec of Polly's formats. */
const MADE_OF = {
  mp3: { container: 'MP3', codec: 'mp3' },
  ogg_vorbis: { container: 'OGG', codec: 'vorbis' },
  ogg_opus: { container: 'OGG', codec: 'opus' },
} as const satisfies Partial<Record<OutputFormat, unknown>>;

/** Polly's formats that have a container, as opposed to bare samples or marks. */
export type FileFormat = keyof typeof MADE_OF;

export interface AudioFile {
  /** Whether container and codec are those of the requested format. */
  readonly isAsked: boolean;
  /** A description for people, for example `Ogg with vorbis`. */
  readonly what: string;
  /** In Hz. */
  readonly sampleRate: number;
  readonly durationMs: number;
}

/** The bytes are not audio, or break off in the middle. */
export class AudioUnreadable extends Error {
  override readonly name = 'AudioUnreadable';
}

/**
 * Reads audio that was requested in a format.
 * @param isProvider whether it comes from the provider, which sends only that format; otherwise it can be any format
 * @throws AudioUnreadable
 */
export async function readAudioFile(
  audio: Uint8Array,
  format: FileFormat,
  { isProvider }: { isProvider: boolean },
): Promise<AudioFile> {
  // Loaded on demand: it takes 25 MB, and most callers that ask for a sound's state read no audio.
  const media = await import('mediabunny');
  const asked = { ...MADE_OF[format], container: media[MADE_OF[format].container] };
  const formats = isProvider ? [asked.container] : media.ALL_FORMATS;
  using input = new media.Input({ formats, source: new media.BufferSource(audio) });
  try {
    const [container, track] = await Promise.all([input.getFormat(), input.getPrimaryAudioTrack()]);
    if (track === null) throw new Error('it holds no audio');
    const codec = await track.getCodec();
    if (format === 'mp3' && container === asked.container) checkMp3Frames(audio);
    return {
      isAsked: container === asked.container && codec === asked.codec,
      what: `${container.name} with ${codec ?? 'an unknown codec'}`,
      sampleRate: await track.getSampleRate(),
      durationMs: Math.round((await track.computeDuration()) * 1_000),
    };
  } catch (error) {
    const why = messageOf(error);
    throw new AudioUnreadable(`the audio can't be read as ${format}: ${why}`, { cause: error });
  }
}
