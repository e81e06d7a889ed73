/** Looks at audio that a user brings: as whole and readable as a provider's, and in the form that the sound has. */
import type { Sound } from '@setlist/contracts';
import { parseBuffer } from 'music-metadata';
import { checkAudio } from '../adapters/audio-check.ts';
import { CallFailed } from '../adapters/failures.ts';

export type SoundForm = Pick<Sound, 'format' | 'sampleRate'>;

/** How music-metadata names what Polly's formats are made of. */
const MADE_OF = {
  mp3: { container: 'MPEG', codec: /Layer 3$/ },
  ogg_vorbis: { container: 'Ogg', codec: /^Vorbis/ },
  ogg_opus: { container: 'Ogg', codec: /^Opus/ },
} as const;

/** How files begin that are no bare samples, whatever their names say. */
const HEADERS = ['RIFF', 'OggS', 'ID3', 'fLaC', 'FORM', '.snd', '<?xml'] as const;

/** Audio that is not what the set says it is. */
export class NotThatSound extends Error {
  override readonly name = 'NotThatSound';
}

/**
 * The duration in ms. Whether it says the text, nobody can tell from here.
 * @throws NotThatSound where it is no such audio, with why
 */
export async function checkBrought(audio: Uint8Array, form: SoundForm): Promise<number> {
  if (audio.length === 0) throw new NotThatSound('the file is empty');
  try {
    await checkForm(audio, form);
    // As a task's: of a call's limit of ten minutes this audio knows nothing.
    return await checkAudio(audio, form, 'task');
  } catch (error) {
    if (error instanceof CallFailed) throw new NotThatSound(error.message, { cause: error });
    throw error;
  }
}

async function checkForm(audio: Uint8Array, { format, sampleRate }: SoundForm): Promise<void> {
  switch (format) {
    case 'mp3':
    case 'ogg_vorbis':
    case 'ogg_opus':
      return checkContainer(audio, format, sampleRate);
    case 'pcm':
    case 'mulaw':
    case 'alaw':
      return checkBare(audio, format);
    case 'json':
      return;
    default:
      format satisfies never;
  }
}

async function checkContainer(
  audio: Uint8Array,
  format: keyof typeof MADE_OF,
  sampleRate: number,
): Promise<void> {
  // Told no type, the parser goes by what it sees, not by what the file is said to be.
  const { format: found } = await parseBuffer(audio, { size: audio.length }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new NotThatSound(`the audio can't be read: ${why}`, { cause: error });
  });
  const { container = 'unknown', codec = 'unknown' } = found;
  const wanted = MADE_OF[format];
  if (container !== wanted.container || !wanted.codec.test(codec)) {
    throw new NotThatSound(`the set asks for ${format}, and this is ${container} with ${codec}`);
  }
  // Opus is decoded at 48 kHz whatever its header says of the recording.
  if (format !== 'ogg_opus' && found.sampleRate !== sampleRate) {
    throw new NotThatSound(
      `the set asks for ${sampleRate} Hz, and this has ${found.sampleRate ?? 'unknown'} Hz`,
    );
  }
}

/** Bare samples carry no sign of what they are: only what they can't be is seen. */
function checkBare(audio: Uint8Array, format: string): void {
  const start = Buffer.from(audio.buffer, audio.byteOffset, Math.min(audio.length, 8)).toString('latin1');
  const header = HEADERS.find((each) => start.startsWith(each));
  if (header === undefined) return;
  throw new NotThatSound(`the set asks for ${format}, which has no header, and this begins with ${header}`);
}
