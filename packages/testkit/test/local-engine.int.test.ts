/** The local engine as tests start it. */
import { expect, test } from 'vitest';
import { engineStats, setFaults, startLocalEngine } from '../src/index.ts';

test('runs with the given settings, counts its calls, and refuses faults that it does not know', async () => {
  await using engine = await startLocalEngine({ ENGINE: 'instant', FAULT_THROTTLE: '1' });
  const user = { engineUrl: engine.url };
  const speak = async (): Promise<number> => {
    const item = { Engine: 'standard', VoiceId: 'Joanna', OutputFormat: 'mp3', Text: 'Once.' };
    return (await fetch(`${engine.url}/v1/speech`, { method: 'POST', body: JSON.stringify(item) })).status;
  };
  expect(await speak()).toBe(400);
  await expect(setFaults(user, { throttle: 2 })).rejects.toThrow('the engine refused the faults');
  expect(await speak()).toBe(400);
  await setFaults(user, {});
  expect(await speak()).toBe(200);
  const { calls, throttled, sounds } = await engineStats(user);
  expect(calls).toMatchObject({ 'SynthesizeSpeech/standard': { ok: 1, throttled: 2 } });
  expect([throttled, Object.values(sounds)]).toEqual([2, [1]]);
});
