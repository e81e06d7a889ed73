/** What a file of audio is by what it holds, whatever it is called. */

import type { OutputFormat } from '@setlist/polly';
import { messageOf } from '@setlist/runtime';

/** How mediabunny names what Polly's formats are made of. */
const MADE_OF = {
  mp3: { container: 'MP3', codec: 'mp3' },
  ogg_vorbis: { container: 'OGG', codec: 'vorbis' },
  ogg_opus: { container: 'OGG', codec: 'opus' },
} as const satisfies Partial<Record<OutputFormat, unknown>>;

/** Polly's formats that are files of their own, and not bare samples or marks. */
export type FileFormat = keyof typeof MADE_OF;

export interface AudioFile {
  /** Whether it is what the format is made of. */
  readonly isAsked: boolean;
  /** What it is, for people: `Ogg with vorbis`. */
  readonly what: string;
  /** In Hz. */
  readonly sampleRate: number;
  readonly durationMs: number;
}

/** The bytes are no audio, or end in the middle of it. */
export class AudioUnreadable extends Error {
  override readonly name = 'AudioUnreadable';
}

/**
 * Reads audio that is asked for in a format.
 * @param isProvider whether it comes from the provider, who sends nothing but that; from elsewhere it may be anything
 */
export async function readAudioFile(
  audio: Uint8Array,
  format: FileFormat,
  { isProvider }: { isProvider: boolean },
): Promise<AudioFile> {
  // It takes 25 MB, and most of those who ask how a sound stands look at no audio.
  const media = await import('mediabunny');
  const asked = { ...MADE_OF[format], container: media[MADE_OF[format].container] };
  const formats = isProvider ? [asked.container] : media.ALL_FORMATS;
  using input = new media.Input({ formats, source: new media.BufferSource(audio) });
  try {
    const [container, track] = await Promise.all([input.getFormat(), input.getPrimaryAudioTrack()]);
    if (track === null) throw new Error('it holds no audio');
    const codec = await track.getCodec();
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
