/** Decodes the engine's audio, so that a test can tell speech from silence and from noise of the wrong length. */
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { MPEGDecoder } from 'mpg123-decoder';

export type Decoded = {
  readonly sampleRate: number;
  readonly channels: number;
  readonly seconds: number;
  /** Root mean square, 0 to 1. */
  readonly loudness: number;
  readonly errors: number;
};

/** @param rate in Hz, for the formats without a header. */
export async function decode(format: string, bytes: Uint8Array, rate: number): Promise<Decoded> {
  switch (format) {
    case 'mp3':
      // The decoder turns one channel into two; the frame's header has the real number.
      return {
        ...(await withDecoder(new MPEGDecoder(), bytes)),
        channels: (bytes[3] ?? 0) >> 6 === 3 ? 1 : 2,
      };
    case 'ogg_vorbis':
      return withDecoder(new OggVorbisDecoder(), bytes);
    case 'pcm': {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const sampleAt = (_: unknown, i: number) => view.getInt16(i * 2, true) / 32_768;
      return measured([Float32Array.from({ length: bytes.length / 2 }, sampleAt)], rate, 0);
    }
    default:
      return measured([Float32Array.from(bytes, format === 'mulaw' ? fromMuLaw : fromALaw)], rate, 0);
  }
}

type Decoder = {
  readonly ready: Promise<void>;
  free(): void;
} & ({ decode(bytes: Uint8Array): DecodedAudio } | { decodeFile(bytes: Uint8Array): Promise<DecodedAudio> });
type DecodedAudio = {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly errors: readonly unknown[];
};

async function withDecoder(decoder: Decoder, bytes: Uint8Array): Promise<Decoded> {
  await decoder.ready;
  try {
    const audio = 'decodeFile' in decoder ? await decoder.decodeFile(bytes) : decoder.decode(bytes);
    return measured(audio.channelData, audio.sampleRate, audio.errors.length);
  } finally {
    decoder.free();
  }
}

function measured(channels: readonly Float32Array[], sampleRate: number, errors: number): Decoded {
  const samples = channels[0] ?? new Float32Array();
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return {
    sampleRate,
    channels: channels.length,
    seconds: samples.length / sampleRate,
    loudness: Math.sqrt(power),
    errors,
  };
}

function fromMuLaw(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return (code & 0x80 ? -magnitude : magnitude) / 32_768;
}

function fromALaw(byte: number): number {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const steps = ((code & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? steps : (steps + 0x100) << (segment - 1);
  return (code & 0x80 ? magnitude : -magnitude) / 32_768;
}
