import { describe, expect, it } from 'vitest';
import { encodeALaw, encodeMuLaw } from './g711.ts';

/** The decoders of ITU-T G.711, written from its tables, to check the encoders against. */
const fromMuLaw = (byte: number) => {
  const code = ~byte & 0xff;
  const magnitude = (((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7);
  return code & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
};
const fromALaw = (byte: number) => {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const steps = ((code & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? steps : (steps + 0x100) << (segment - 1);
  return code & 0x80 ? magnitude : -magnitude;
};

describe('G.711', () => {
  it('encodes the values that the standard lists', () => {
    expect([...encodeMuLaw(Int16Array.of(0, -1, 32_767, -32_768))]).toEqual([0xff, 0x7f, 0x80, 0x00]);
    expect([...encodeALaw(Int16Array.of(0, -1, 32_767, -32_768))]).toEqual([0xd5, 0x55, 0xaa, 0x2a]);
  });

  it.each([
    ['mu-law', encodeMuLaw, fromMuLaw],
    ['A-law', encodeALaw, fromALaw],
  ] as const)('%s reproduces every sample within half a step', (_, encode, decode) => {
    const all = Int16Array.from({ length: 65_536 }, (__, i) => i - 32_768);
    const codes = encode(all);
    for (const [index, sample] of all.entries()) {
      const error = Math.abs(decode(codes[index] ?? 0) - sample);
      expect(error, `sample ${sample}`).toBeLessThanOrEqual(Math.max(8, (Math.abs(sample) + 132) / 32));
    }
  });
});
