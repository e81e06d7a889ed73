import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { SynthesizeSpeechCommand, type SynthesizeSpeechCommandInput } from '@aws-sdk/client-polly';
import { eventually } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import type { StatsReport } from '../src/call-stats.ts';
import { startEngine, type TestEngine } from './engine.ts';

const phrase = {
  Text: 'Thar she blows!',
  VoiceId: 'Matthew',
  Engine: 'neural',
  OutputFormat: 'mp3',
} as const satisfies SynthesizeSpeechCommandInput;

async function say(
  engine: TestEngine,
  client: 'http1' | 'http2' = 'http1',
  input: object = {},
): Promise<number> {
  const { AudioStream } = await engine[client].send(new SynthesizeSpeechCommand({ ...phrase, ...input }));
  return ((await AudioStream?.transformToByteArray()) ?? []).length;
}
const stats = async ({ url }: TestEngine) =>
  (await (await fetch(`${url}/_local/stats?calls=1`)).json()) as Required<StatsReport>;
const NEURAL = 'SynthesizeSpeech/neural';

describe('quotas', () => {
  it('throttle calls beyond the burst, as Polly does, and count them', async () => {
    await using engine = await startEngine({ ENGINE: 'instant', QUOTAS: 'polly' });
    const began = performance.now();
    const calls = await Promise.allSettled(Array.from({ length: 40 }, () => say(engine)));
    const seconds = (performance.now() - began) / 1_000;
    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason] : []));
    // Ten at once, and eight a second.
    expect(refused.length).toBeGreaterThanOrEqual(30 - Math.ceil(8 * seconds));
    for (const reason of refused) {
      expect(reason).toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
    }
    const { calls: counted, throttled } = await stats(engine);
    expect(throttled).toBe(refused.length);
    expect(counted[NEURAL]).toMatchObject({ ok: 40 - refused.length, throttled: refused.length });
    expect(counted[NEURAL]?.peakAdmittedPerSecond).toBeLessThanOrEqual(40 - refused.length);
    // The standard engine has a separate quota.
    await say(engine, 'http1', { Engine: 'standard' });
  });

  it('show in the busiest second, which has fewer calls without those that were throttled', async () => {
    await using engine = await startEngine({ ENGINE: 'instant', QUOTAS: 'neural.synthesize=1/1' });
    await Promise.allSettled(Array.from({ length: 40 }, () => say(engine)));
    const { peakPerSecond = 0, peakAdmittedPerSecond = 0 } = (await stats(engine)).calls[NEURAL] ?? {};
    expect(peakPerSecond).toBeGreaterThan(peakAdmittedPerSecond);
  });

  it('limit the calls in flight to the concurrency', async () => {
    await using engine = await startEngine({
      ENGINE: 'instant',
      QUOTAS: 'neural.synthesize=1000/1000/3',
      FAULT_LATENCY_MS: '60000',
    });
    const ending = new AbortController();
    const call = () => engine.http1.send(new SynthesizeSpeechCommand(phrase), { abortSignal: ending.signal });
    const inFlight = Promise.allSettled([call(), call(), call()]);
    await eventually(async () => (await stats(engine)).calls[NEURAL]?.inFlight === 3);
    for (const more of await Promise.allSettled(Array.from({ length: 7 }, () => say(engine))))
      expect(more).toMatchObject({ status: 'rejected', reason: { name: 'ThrottlingException' } });
    ending.abort();
    await inFlight;
  });
});

describe('faults', () => {
  const set = ({ url }: TestEngine, faults: object) =>
    fetch(`${url}/_local/faults`, { method: 'PUT', body: JSON.stringify(faults) });

  it('can be changed while the engine runs', async () => {
    await using engine = await startEngine({ ENGINE: 'instant', FAULT_THROTTLE: '1' });
    await expect(say(engine)).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect((await stats(engine)).calls[NEURAL]).toMatchObject({ peakPerSecond: 1, peakAdmittedPerSecond: 0 });
    await set(engine, { serverError: 1 });
    await expect(say(engine)).rejects.toMatchObject({
      name: 'ServiceFailureException',
      $metadata: { httpStatusCode: 500 },
    });
    expect((await set(engine, {})).status).toBe(200);
    expect(await say(engine)).toBeGreaterThan(0);
    expect((await set(engine, { throttle: 7 })).status).toBe(400);
  });

  it.each(['http1', 'http2'] as const)(
    'cut audio so that a client over %s notices, and bill it as lost',
    async (client) => {
      await using engine = await startEngine({ ENGINE: 'instant', FAULT_CUT: '1' });
      await expect(say(engine, client)).rejects.toThrow();
      const { calls, sounds, lostSounds, billedCharacters } = await stats(engine);
      expect(calls[NEURAL]).toMatchObject({ cut: 1, ok: 0 });
      expect(sounds).toEqual({});
      expect(Object.values(lostSounds)).toEqual([1]);
      expect(billedCharacters).toBe(phrase.Text.length);
      // Only one reply was broken off, not the rest of the connection.
      await set(engine, {});
      expect(await say(engine, client)).toBeGreaterThan(0);
    },
  );

  it('delay every call', async () => {
    await using engine = await startEngine({ ENGINE: 'instant', FAULT_LATENCY_MS: '150-250' });
    const began = performance.now();
    await say(engine);
    expect(performance.now() - began).toBeGreaterThanOrEqual(149);
  });
});

describe('a caller that disconnects', () => {
  it('stops the thread that spoke for it, unpaid', async () => {
    await using engine = await startEngine();
    const Text = 'Whales. '.repeat(370);
    const leaving = new AbortController();
    const long = new SynthesizeSpeechCommand({ ...phrase, Text });
    const given = expect(engine.http1.send(long, { abortSignal: leaving.signal })).rejects.toThrow();
    await eventually(async () => (await stats(engine)).calls[NEURAL]?.inFlight === 1);
    leaving.abort();
    await given;
    // The only thread is free again: a phrase is answered long before the long text would have been spoken.
    expect(await say(engine)).toBeGreaterThan(0);
    await eventually(async () => {
      const { calls, billedCharacters } = await stats(engine);
      expect(calls[NEURAL]).toMatchObject({ aborted: 1, ok: 1, inFlight: 0 });
      expect(billedCharacters).toBe(phrase.Text.length);
    });
  });
});

describe('a caller over HTTP/2 that resets its stream', () => {
  it.each([
    ['without an error', constants.NGHTTP2_NO_ERROR],
    ['to cancel', constants.NGHTTP2_CANCEL],
    ['for a fault of its own', constants.NGHTTP2_INTERNAL_ERROR],
  ])('%s leaves nothing in flight, before its body, within it, or after', async (_, code) => {
    await using engine = await startEngine();
    const body = JSON.stringify({ ...phrase, Text: 'Whales. '.repeat(300) });
    for (const sent of [0, 20, body.length]) {
      const session = connect(engine.url);
      session.on('error', () => undefined);
      const stream = session.request({ ':method': 'POST', ':path': '/v1/speech' });
      stream.on('error', () => undefined);
      if (sent === body.length) stream.end(body);
      else stream.write(body.slice(0, sent));
      await once(stream, 'ready');
      // Not with `once` of node:events, which would throw at the reset that is expected here.
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.close(code);
      await closed;
      session.destroy();
    }
    await eventually(async () => {
      const { calls, billedCharacters } = await stats(engine);
      for (const counts of Object.values(calls)) expect(counts).toMatchObject({ inFlight: 0, ok: 0 });
      expect(billedCharacters).toBe(0);
    });
    expect(await say(engine, 'http2')).toBeGreaterThan(0);
  });
});
