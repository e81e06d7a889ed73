import { QUOTAS } from '@setlist/polly';
import { describe, expect, it } from 'vitest';
import { createQuotaGate, quotaNameOf, quotaTable } from './quotas.ts';

function clockAt(startMs: number) {
  let now = startMs;
  return { now: () => now, advance: (ms: number) => (now += ms) };
}

/** Admits and releases at once; how many of `count` calls got through. */
function admittedOf(gate: ReturnType<typeof createQuotaGate>, name: string, count: number): number {
  let admitted = 0;
  for (let call = 0; call < count; call++) {
    const admission = gate.admit(name);
    if (admission.admitted) {
      admission.release();
      admitted += 1;
    }
  }
  return admitted;
}

describe('quota gate', () => {
  it('lets a burst through and then the rate', () => {
    const clock = clockAt(5_000);
    const gate = createQuotaGate({ 'SynthesizeSpeech/neural': { rps: 8, burst: 10 } }, clock.now);
    expect(admittedOf(gate, 'SynthesizeSpeech/neural', 100)).toBe(10);
    clock.advance(1_000);
    expect(admittedOf(gate, 'SynthesizeSpeech/neural', 100)).toBe(8);
    clock.advance(125);
    expect(admittedOf(gate, 'SynthesizeSpeech/neural', 100)).toBe(1);
  });

  it('accumulates no more than the burst', () => {
    const clock = clockAt(0);
    const gate = createQuotaGate({ a: { rps: 8, burst: 10 } }, clock.now);
    clock.advance(3_600_000);
    expect(admittedOf(gate, 'a', 100)).toBe(10);
  });

  it('sustains the rate over ten seconds of asking every millisecond', () => {
    const clock = clockAt(0);
    const gate = createQuotaGate({ a: { rps: 80, burst: 100 } }, clock.now);
    let admitted = 0;
    for (let ms = 0; ms < 10_000; ms++) {
      admitted += admittedOf(gate, 'a', 1);
      clock.advance(1);
    }
    expect(admitted).toBeGreaterThanOrEqual(899);
    expect(admitted).toBeLessThanOrEqual(900);
  });

  it('limits the calls in flight to the concurrency, and frees each one once', () => {
    const gate = createQuotaGate({ a: { rps: 100, burst: 100, concurrency: 2 } }, () => 0);
    const first = gate.admit('a');
    expect(gate.admit('a').admitted).toBe(true);
    expect(gate.admit('a')).toEqual({ admitted: false, limit: 'concurrency' });
    if (!first.admitted) throw new Error('the first call is within the quota');
    first.release();
    first.release();
    expect(gate.admit('a').admitted).toBe(true);
    expect(gate.admit('a').admitted).toBe(false);
  });

  it('keeps quotas apart, and has none for an unknown name', () => {
    const gate = createQuotaGate({ a: { rps: 1, burst: 1 }, b: { rps: 1, burst: 1 } }, () => 0);
    expect(admittedOf(gate, 'a', 2)).toBe(1);
    expect(admittedOf(gate, 'b', 2)).toBe(1);
    expect(admittedOf(gate, 'c', 500)).toBe(500);
  });

  it('names every quota of Polly as the operations look it up', () => {
    const table = quotaTable(QUOTAS);
    expect(table[quotaNameOf('SynthesizeSpeech', 'neural')]).toEqual({
      rps: 8,
      burst: 10,
      concurrency: 18,
    });
    expect(table[quotaNameOf('StartSpeechSynthesisTask', 'standard')]).toEqual({ rps: 10, burst: 12 });
    expect(quotaNameOf('GetSpeechSynthesisTask', undefined)).toBe(
      quotaNameOf('ListSpeechSynthesisTasks', undefined),
    );
    for (const operation of [
      'ListSpeechSynthesisTasks',
      'DescribeVoices',
      'PutLexicon',
      'ListLexicons',
    ] as const) {
      expect(table).toHaveProperty([quotaNameOf(operation, undefined)]);
    }
  });
});
