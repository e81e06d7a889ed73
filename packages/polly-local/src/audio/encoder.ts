/** Audio encoders as streams: from samples at espeak's rate to bytes of the format at its rate. */
import type { LOCAL_AUDIO_FORMATS } from '@setlist/polly';
import { createMp3Encoder, createOggEncoder } from 'wasm-media-encoders';
import { encodeALaw, encodeMuLaw } from './g711.ts';
import { createResampler } from './resampler.ts';

export type AudioFormat = (typeof LOCAL_AUDIO_FORMATS)[number];

export type AudioEncoder = {
  /** Bytes ready so far, owned by the caller. */
  push(pcm: Int16Array): Uint8Array;
  /** The last bytes; the encoder is spent afterwards. */
  finish(): Uint8Array;
};

type Codec = { encode(pcm: Int16Array): Uint8Array; finalize(): Uint8Array };

type Mp3Rate = 8000 | 16000 | 22050 | 24000 | 44100 | 48000;
type WasmEncoder = { encode(samples: readonly Float32Array[]): Uint8Array; finalize(): Uint8Array };

/** One per thread: each call reconfigures it, so only one stream may be open at a time. */
export function createEncoders() {
  const mp3 = once(createMp3Encoder);
  // libvorbis leaks in this build and crashed at the 2,444th stream of one instance.
  const ogg = renewedAfter(50, createOggEncoder);

  const codecFor = async (format: AudioFormat, rate: number): Promise<Codec> => {
    switch (format) {
      case 'mp3': {
        const encoder = await mp3();
        // Without outputSampleRate LAME resamples to a rate of its own choice.
        const bitrate = rate <= 16_000 ? 32 : 48;
        encoder.configure({ channels: 1, sampleRate: rate, outputSampleRate: rate as Mp3Rate, bitrate });
        return fromWasm(encoder);
      }
      case 'ogg_vorbis': {
        const encoder = await ogg();
        encoder.configure({ channels: 1, sampleRate: rate, vbrQuality: 3, oggSerialNo: 1 });
        return fromWasm(encoder);
      }
      case 'pcm':
        return withoutTail(
          (pcm) => new Uint8Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.byteLength)),
        );
      case 'mulaw':
        return withoutTail(encodeMuLaw);
      case 'alaw':
        return withoutTail(encodeALaw);
    }
  };

  /** @param rates in Hz: `from` of the samples, `to` of the file. */
  return async function encoderFor(
    format: AudioFormat,
    rates: { from: number; to: number },
  ): Promise<AudioEncoder> {
    const resampler = createResampler(rates.from, rates.to);
    const codec = await codecFor(format, rates.to);
    return {
      push: (pcm) => codec.encode(resampler.push(pcm)),
      finish: () => Buffer.concat([codec.encode(resampler.flush()), codec.finalize()]),
    };
  };
}

const SAMPLES_PER_CALL = 16_384;

function fromWasm(encoder: WasmEncoder): Codec {
  return {
    encode(pcm) {
      const samples = Float32Array.from(pcm, (sample) => sample / 32_768);
      const parts: Uint8Array[] = [];
      for (let at = 0; at < samples.length; at += SAMPLES_PER_CALL) {
        // The result is a view of the encoder's memory, which the next call overwrites: hence the copy.
        parts.push(encoder.encode([samples.subarray(at, at + SAMPLES_PER_CALL)]).slice());
      }
      return Buffer.concat(parts);
    },
    finalize: () => encoder.finalize().slice(),
  };
}

function withoutTail(encode: (pcm: Int16Array) => Uint8Array): Codec {
  return { encode, finalize: () => new Uint8Array() };
}

function once<T>(create: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= create();
    return made;
  };
}

function renewedAfter<T>(uses: number, create: () => Promise<T>): () => Promise<T> {
  let used = 0;
  let made: Promise<T> | undefined;
  return () => {
    if (used++ % uses === 0) made = undefined;
    made ??= create();
    return made;
  };
}
