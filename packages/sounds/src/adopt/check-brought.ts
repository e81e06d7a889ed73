/** Checks audio that a user brings: as complete and readable as a provider's, and in the sound's form. */
import type { Sound } from '@setlist/contracts';
import { defaultSampleRate } from '@setlist/polly';
import { AudioUnusable, checkAudio } from '../audio/audio-check.ts';
import { AudioUnreadable, type FileFormat, readAudioFile } from '../audio/audio-file.ts';

export type SoundForm = Pick<Sound, 'engine' | 'format' | 'sampleRate'>;

/** Sample rate, in Hz, that only the standard engine gives where none is requested. */
const STANDARD_RATE = defaultSampleRate('standard', 'mp3');

/** Beginnings of files that are not bare samples, whatever their names say. */
const HEADERS = ['RIFF', 'OggS', 'ID3', 'fLaC', 'FORM', '.snd', '<?xml'] as const;

/** Audio that is not what the set says it is. */
export class NotThatSound extends Error {
  override readonly name = 'NotThatSound';
}

/**
 * The duration in ms. Whether the audio speaks the sound's text can't be checked here.
 * @throws NotThatSound where it is not such audio, with the reason
 */
export async function checkBrought(audio: Uint8Array, form: SoundForm): Promise<number> {
  if (audio.length === 0) throw new NotThatSound('the file is empty');
  try {
    await checkForm(audio, form);
    return await checkAudio(audio, form);
  } catch (error) {
    if (error instanceof AudioUnusable || error instanceof AudioUnreadable) {
      throw new NotThatSound(error.message, { cause: error });
    }
    throw error;
  }
}

async function checkForm(audio: Uint8Array, form: SoundForm): Promise<void> {
  const { format } = form;
  switch (format) {
    case 'mp3':
    case 'ogg_vorbis':
    case 'ogg_opus':
      return checkFile(audio, format, form);
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

async function checkFile(
  audio: Uint8Array,
  format: FileFormat,
  { engine, sampleRate }: SoundForm,
): Promise<void> {
  const file = await readAudioFile(audio, format, { isProvider: false });
  if (!file.isAsked) throw new NotThatSound(`the set asks for ${format}, and this is ${file.what}`);
  // Opus is decoded at 48 kHz whatever its header says of the recording.
  if (format !== 'ogg_opus' && file.sampleRate !== sampleRate) {
    const isStandard = engine !== 'standard' && file.sampleRate === STANDARD_RATE;
    const hint = isStandard
      ? `; ${STANDARD_RATE} Hz is what the standard engine gives: write "engine: standard" if that one made it`
      : '';
    throw new NotThatSound(`the set asks for ${sampleRate} Hz, and this has ${file.sampleRate} Hz${hint}`);
  }
}

/** Bare samples carry no sign of their format: only files that certainly are something else are found. */
function checkBare(audio: Uint8Array, format: string): void {
  const start = Buffer.from(audio.buffer, audio.byteOffset, Math.min(audio.length, 8)).toString('latin1');
  const header = HEADERS.find((each) => start.startsWith(each));
  if (header === undefined) return;
  throw new NotThatSound(`the set asks for ${format}, which has no header, and this begins with ${header}`);
}
