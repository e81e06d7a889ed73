import { loadConfig } from '@setlist/runtime';
import { expect, it } from 'vitest';
import { pollyLocalConfig } from './config.ts';
import { POLLY_QUOTAS } from './quotas.ts';

const load = (env: Record<string, string>) => loadConfig(pollyLocalConfig, env);

it('listens on loopback, without quotas or faults, unless it is told otherwise', () => {
  expect(load({})).toMatchObject({
    LISTEN_HOST: '127.0.0.1',
    ENGINE: 'espeak',
    QUOTAS: {},
    FAULT_THROTTLE: 0,
    FAULT_LATENCY_MS: [0, 0],
  });
});

it("takes Polly's quotas, and changes to single ones", () => {
  expect(load({ QUOTAS: 'polly' }).QUOTAS).toEqual(POLLY_QUOTAS);
  const changed = load({ QUOTAS: '{"SynthesizeSpeech/neural":{"rps":20,"burst":30}}' }).QUOTAS;
  expect(changed['SynthesizeSpeech/neural']).toEqual({ rps: 20, burst: 30 });
  expect(changed.Lexicons).toEqual(POLLY_QUOTAS.Lexicons);
});

it.each([
  { QUOTAS: 'some' },
  { QUOTAS: '{"SynthesizeSpeech/nural":{"rps":1,"burst":1}}' },
  { QUOTAS: '{"Tasks":{"rps":-1,"burst":1}}' },
  { FAULT_THROTTLE: '50%' },
  { FAULT_LATENCY_MS: '2000-1' },
  { WORKERS: '0' },
  { ENGINE: 'festival' },
  { S3_ENDPOINT: 'http://127.0.0.1:9000', TASK_OUTPUT_DIR: '/tmp/audio' },
])('refuses %o', (env: Record<string, string>) => {
  const [name = ''] = Object.keys(env);
  expect(() => load(env)).toThrow(name);
});
