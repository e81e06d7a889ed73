/** The quotas that recent calls are shown against. */
import { loadConfig } from '@setlist/runtime';
import { expect, test } from 'vitest';
import { bareApi } from '../../test/bare-api.ts';
import { consoleConfig } from '../config.ts';
import { QuotaWindow } from '../domain/quota-use.ts';
import type { ConsoleDeps } from '../http/deps.ts';
import { moneyRoutes } from './money.ts';

async function allowedBy(env: Record<string, string>): Promise<{ engine: string; rps: number }[]> {
  const app = bareApi();
  const log = { clock: { now: () => Date.now() } };
  const deps = { settings: loadConfig(consoleConfig, env), quota: new QuotaWindow(), log };
  moneyRoutes(app, deps as unknown as ConsoleDeps);
  return (await app.inject('/quota')).json().allowed;
}

test('calls are shown against the quotas in force, or against none', async () => {
  expect(await allowedBy({ PROVIDER: 'local' })).toEqual([]);
  expect(await allowedBy({ PROVIDER: 'polly', QUOTAS: 'off' })).toEqual([]);
  const documented = { engine: 'neural', operation: 'synthesize', rps: 8, burst: 10 };
  expect(await allowedBy({ PROVIDER: 'polly' })).toContainEqual(documented);
  const raised = { engine: 'neural', operation: 'synthesize', rps: 20, burst: 25 };
  for (const PROVIDER of ['local', 'polly']) {
    expect(await allowedBy({ PROVIDER, QUOTAS: 'polly,neural.synthesize=20/25/40' })).toContainEqual(raised);
  }
});
