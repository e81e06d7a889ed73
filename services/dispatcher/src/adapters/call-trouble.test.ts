/** What is logged of calls that fail and are retried. */
import { createLogger } from '@setlist/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Failure } from '../domain/classify.ts';
import { CallTrouble } from './call-trouble.ts';
import { CallFailed } from './failures.ts';
import { type CallOf, measuredCall } from './measured-call.ts';

let said: { level: string; msg: string; code?: string; lane?: string; remedy?: string; index?: number }[];
let call: CallOf;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  said = [];
  const destination = { write: (text: string) => void said.push(JSON.parse(text)) };
  const logger = createLogger({ service: 'dispatcher', level: 'info', pretty: false, destination });
  const trouble = new CallTrouble(logger, 3_600_000);
  call = { provider: 'polly', method: 'SynthesizeSpeech', lane: 'neural', timeoutMs: 1_000, trouble };
});

afterEach(() => void vi.useRealTimers());

const REFUSED: Failure = { from: 'network', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' };

async function fails(times: number, failure: Failure, of = call): Promise<void> {
  const send = async (): Promise<never> => Promise.reject(new CallFailed(failure));
  for (let n = 0; n < times; n++) await measuredCall(of, send).catch(() => undefined);
}
const succeeds = (of = call): Promise<void> => measuredCall(of, async () => undefined);

test('warns once of each reason for which calls fail in a row, and again after a success', async () => {
  await fails(20, REFUSED);
  expect(said).toMatchObject([
    {
      ...{ level: 'warn', code: 'ECONNREFUSED', lane: 'neural', remedy: expect.stringContaining('Check') },
      msg: 'calls fail: connect ECONNREFUSED; items are retried for up to 1 h, or until their set’s deadline',
    },
  ]);
  expect(said[0]).not.toHaveProperty('index');
  await fails(20, { from: 'provider', code: 'InternalFailure', message: 'oh no', status: 500 });
  await succeeds();
  vi.advanceTimersByTime(60_000);
  await succeeds();
  await succeeds();
  await fails(20, REFUSED);
  expect(said.map(({ level, code }) => code ?? level)).toEqual([
    ...['ECONNREFUSED', 'InternalFailure'],
    ...['info', 'ECONNREFUSED'],
  ]);
  expect(said[2]?.msg).toBe('calls succeed again');
});

test('warns of a provider that fails in part once in ten minutes, and of the same outage on another day', async () => {
  for (let n = 0; n < 1_000; n++) {
    await fails(3, REFUSED);
    await succeeds();
  }
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(86_400_000);
  await fails(20, REFUSED);
  expect(said).toHaveLength(2);
});

test('warns of each lane, whatever succeeds in another', async () => {
  const other = { ...call, lane: 'standard' } as const;
  for (let n = 0; n < 3; n++) {
    await fails(1, REFUSED);
    await succeeds(other);
  }
  await fails(3, REFUSED, other);
  expect(said.map(({ lane }) => lane)).toEqual(['neural', 'standard']);
});

test('does not warn of single failures, of throttling, or of what fails its item at once', async () => {
  for (let n = 0; n < 5; n++) {
    await fails(2, REFUSED);
    await succeeds();
  }
  await fails(20, { from: 'provider', code: 'ThrottlingException', message: 'Rate exceeded', status: 400 });
  await fails(20, { from: 'provider', code: 'InvalidSsmlException', message: 'no', status: 400 });
  expect(said).toEqual([]);
});
