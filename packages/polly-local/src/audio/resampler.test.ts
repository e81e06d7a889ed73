import { describe, expect, it } from 'vitest';
import { createResampler } from './resampler.ts';

const sine = (hz: number, rate: number, seconds: number) =>
  Int16Array.from({ length: rate * seconds }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / rate)),
  );

function resample(pcm: Int16Array, from: number, to: number, pieces = 1): Int16Array {
  const resampler = createResampler(from, to);
  const size = Math.ceil(pcm.length / pieces);
  const out: number[] = [];
  for (let at = 0; at < pcm.length; at += size) out.push(...resampler.push(pcm.subarray(at, at + size)));
  out.push(...resampler.flush());
  return Int16Array.from(out);
}

describe('resampler', () => {
  it.each([8_000, 16_000, 24_000, 44_100, 48_000])('keeps pitch, loudness and length at %i Hz', (rate) => {
    const out = resample(sine(1_000, 22_050, 1), 22_050, rate);
    expect(Math.abs(out.length - rate)).toBeLessThanOrEqual(1);
    const wanted = sine(1_000, rate, 1);
    const middle = (values: Int16Array) => values.subarray(rate / 10, rate - rate / 10);
    const worst = Math.max(...middle(out).map((value, i) => Math.abs(value - (middle(wanted)[i] ?? 0))));
    expect(worst).toBeLessThan(150);
  });

  it('removes everything above half the new rate', () => {
    const out = resample(sine(6_000, 22_050, 1), 22_050, 8_000);
    expect(Math.max(...out.subarray(400, -400).map(Math.abs))).toBeLessThan(200);
  });

  it('gives the same samples however the input is cut', () => {
    const input = sine(440, 22_050, 0.5 * 2);
    expect(resample(input, 22_050, 16_000, 97)).toEqual(resample(input, 22_050, 16_000));
  });

  it('passes samples through unchanged when the rates are equal', () => {
    const input = sine(440, 22_050, 1);
    expect(resample(input, 22_050, 22_050, 3)).toEqual(input);
  });
});
