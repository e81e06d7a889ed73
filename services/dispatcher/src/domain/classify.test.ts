import { POLLY_ERRORS } from '@setlist/polly';
import { describe, expect, test } from 'vitest';
import { CUT_REPLY_TRIES, classify, type Failure, isInVain, UNUSABLE_AUDIO_TRIES } from './classify.ts';

const failure = (changes: Partial<Failure>): Failure => ({
  from: 'provider',
  code: 'x',
  message: 'm',
  ...changes,
});

describe('what follows from a failure', () => {
  test('throttled calls are retried, and lower the shared rate', () => {
    expect(classify(failure({ code: 'ThrottlingException', status: 400 }), 99)).toMatchObject({
      kind: 'retry',
      throttled: true,
    });
  });

  test.each(Object.entries(POLLY_ERRORS).filter(([code]) => !/Throttling|TooManyRequests/.test(code)))(
    'Polly’s %s follows its table, with its remedy',
    (code, known) => {
      const verdict = classify(failure({ code }), 1);
      expect(verdict.kind).toBe(known?.retryable ? 'retry' : 'fail');
      expect(verdict.reason.remedy).toMatch(/\w/);
    },
  );

  test('a voice that lacks the engine gets its own remedy, under either of Polly’s error names', () => {
    const message = 'This voice does not support the selected engine: neural';
    for (const code of ['ValidationException', 'EngineNotSupportedException']) {
      expect(classify(failure({ code, message }), 1).reason.remedy).toMatch(/^Choose another voice/);
    }
  });

  test('an error that Polly sends without a message gets one', () => {
    const of = (message: string) =>
      classify(failure({ code: 'InvalidSsmlException', message }), 1).reason.message;
    expect(of('UnknownError')).toBe(POLLY_ERRORS.InvalidSsmlException.meaning);
    expect(of('Invalid SSML request')).toBe('Invalid SSML request');
  });

  test('an unknown server error is retried, an unknown client error is not', () => {
    expect(classify(failure({ code: 'Odd', status: 502 }), 1).kind).toBe('retry');
    expect(classify(failure({ code: 'Odd', status: 400 }), 1).kind).toBe('fail');
  });

  test('network failures are retried', () => {
    expect(classify(failure({ from: 'network', code: 'ECONNRESET' }), 50)).toMatchObject({
      kind: 'retry',
      throttled: false,
    });
  });

  test('calls whose answers stay incomplete are retried only a few times, since each may be billed', () => {
    const cut = failure({ from: 'network', code: 'call-timeout', begun: true });
    expect(isInVain(cut)).toBe(true);
    expect(isInVain(failure({ from: 'network', code: 'ECONNREFUSED' }))).toBe(false);
    expect(classify(cut, CUT_REPLY_TRIES - 1).kind).toBe('retry');
    expect(classify(cut, CUT_REPLY_TRIES)).toMatchObject({
      kind: 'fail',
      reason: { code: 'call-timeout', remedy: expect.stringContaining('CALL_TIMEOUT') },
    });
  });

  test('calls that bring unusable audio are retried only a few times, since each may be billed', () => {
    const bad = failure({ from: 'audio', code: 'audio-unusable', billed: true });
    expect(classify(bad, UNUSABLE_AUDIO_TRIES - 1).kind).toBe('retry');
    expect(classify(bad, UNUSABLE_AUDIO_TRIES).kind).toBe('fail');
    expect(classify({ ...bad, retryable: false }, 1).kind).toBe('fail');
  });

  test('a store that needs fixing fails the item', () => {
    expect(classify(failure({ from: 'store', code: 'store-read-only' }), 1).kind).toBe('fail');
  });

  test('refused credentials fail at once, with a remedy', () => {
    const verdict = classify(failure({ code: 'UnrecognizedClientException', status: 403 }), 1);
    expect(verdict).toMatchObject({
      kind: 'fail',
      reason: { remedy: expect.stringContaining('credentials') },
    });
  });
});
