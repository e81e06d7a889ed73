/** Telephony's two codes ([ITU-T G.711](https://www.itu.int/rec/T-REC-G.711)): a sign and a logarithmic magnitude. */

const MU_BIAS = 0x84;
const MU_CLIP = 32_635;

/** @param pcm signed 16-bit samples at 8 kHz */
export function encodeMuLaw(pcm: Int16Array): Uint8Array {
  return Uint8Array.from(pcm, (sample) => {
    const sign = sample < 0 ? 0x80 : 0;
    const magnitude = Math.min(MU_CLIP, Math.abs(sample)) + MU_BIAS;
    const segment = highestBit(magnitude) - 7;
    return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
  });
}

/** @param pcm signed 16-bit samples at 8 kHz */
export function encodeALaw(pcm: Int16Array): Uint8Array {
  return Uint8Array.from(pcm, (sample) => {
    const sign = sample < 0 ? 0 : 0x80;
    // One's complement, so that −1 is as close to zero as 0.
    const magnitude = (sample < 0 ? ~sample : sample) >> 4;
    const segment = magnitude < 16 ? 0 : highestBit(magnitude) - 3;
    const mantissa = (magnitude >> Math.max(0, segment - 1)) & 0x0f;
    return (sign | (segment << 4) | mantissa) ^ 0x55;
  });
}

const highestBit = (value: number) => 31 - Math.clz32(value);
