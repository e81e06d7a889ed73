import { QUOTAS } from '@setlist/polly';
import { loadConfig } from '@setlist/runtime';
import { expect, it } from 'vitest';
import { pollyLocalConfig } from './config.ts';

const load = (env: Record<string, string>) => loadConfig(pollyLocalConfig, env);

it('listens on loopback, without quotas or faults, by default', () => {
  expect(load({})).toMatchObject({
    LISTEN_HOST: '127.0.0.1',
    ENGINE: 'espeak',
    QUOTAS: 'off',
    FAULT_THROTTLE: 0,
    FAULT_LATENCY_MS: [0, 0],
  });
});

it("accepts Polly's quotas, and changes to single ones, like the dispatcher", () => {
  expect(load({ QUOTAS: 'polly' }).QUOTAS).toEqual(QUOTAS);
  expect(load({ QUOTAS: 'neural.synthesize=20/30' }).QUOTAS).toEqual({
    ...QUOTAS,
    neural: { ...QUOTAS.neural, synthesize: { rps: 20, burst: 30 } },
  });
  expect(load({ QUOTAS: 'poll=20/30' }).QUOTAS).toEqual({ ...QUOTAS, poll: { rps: 20, burst: 30 } });
});

it.each([
  { QUOTAS: 'some' },
  { QUOTAS: 'nural.synthesize=1/1' },
  { QUOTAS: 'neural.task=-1/1' },
  { FAULT_THROTTLE: '50%' },
  { FAULT_LATENCY_MS: '2000-1' },
  { WORKERS: '0' },
  { ENGINE: 'festival' },
  { S3_ENDPOINT: 'http://127.0.0.1:9000', TASK_OUTPUT_DIR: '/tmp/audio' },
])('refuses %o', (env: Record<string, string>) => {
  const [name = ''] = Object.keys(env);
  expect(() => load(env)).toThrow(name);
});
