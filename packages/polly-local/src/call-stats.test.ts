import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCallStats } from './call-stats.ts';

const sound = { text: 'To be', voice: 'Brian', engine: 'neural', format: 'mp3' };
const key = hash('sha256', 'To be\0Brian\0neural\0mp3');

describe('call statistics', () => {
  it('counts separately how often a sound was delivered and how often it was lost', () => {
    const stats = createCallStats(() => 0);
    stats.paid('SynthesizeSpeech/neural', 5, sound, false);
    stats.paid('SynthesizeSpeech/neural', 5, sound, false);
    stats.paid('SynthesizeSpeech/neural', 5, sound, true);
    const report = stats.report(true);
    expect(report.sounds).toEqual({ [key]: 2 });
    expect(report.lostSounds).toEqual({ [key]: 1 });
    expect(report.billedCharacters).toBe(15);
  });

  it('forgets the oldest sounds, but nothing of what was billed', () => {
    const stats = createCallStats(() => 0, 1);
    stats.paid('SynthesizeSpeech/neural', 6, { ...sound, text: 'Before' }, false);
    stats.paid('SynthesizeSpeech/neural', 5, sound, false);
    expect(stats.report(true)).toMatchObject({ sounds: { [key]: 1 }, billedCharacters: 11 });
    expect(Object.keys(stats.report(true).sounds ?? {})).toHaveLength(1);
  });

  it('omits the sounds unless asked for them', () => {
    expect(createCallStats(() => 0).report(false)).not.toHaveProperty('sounds');
  });

  it('finds the busiest second, wherever it begins', () => {
    let now = 0;
    const stats = createCallStats(() => now);
    for (const at of [0, 900, 950, 1_000, 1_850, 1_899, 3_000]) {
      now = at;
      stats.begin('DescribeVoices')('ok');
    }
    expect(stats.report(false).calls.DescribeVoices).toMatchObject({ ok: 7, peakPerSecond: 5 });
  });

  it('reports the most calls that were in flight at a time', () => {
    const stats = createCallStats(() => 0);
    const [first, second] = [stats.begin('a'), stats.begin('a')];
    first('ok');
    second('throttled');
    stats.begin('a')('ok');
    const report = stats.report(false);
    expect(report.calls.a).toMatchObject({ peakInFlight: 2, inFlight: 0, ok: 2, throttled: 1 });
    expect(report.throttled).toBe(1);
  });
});
