/**
 * Quota: the items of a book, with Polly's documented limits enforced by the local engine.
 * Wall clock from the first call to the last, over the ideal `(N - burst) / rate`, and the share of throttled calls.
 */
import { System, setFile } from '@setlist/e2e';
import { type Engine, QUOTAS } from '@setlist/polly';
import { rounded } from './machine.ts';

export interface QuotaCase {
  readonly engine: Engine;
  readonly dispatchers: number;
  readonly items: number;
}

export async function quota({ engine, dispatchers, items }: QuotaCase) {
  const { rps, burst } = QUOTAS[engine].synthesize;
  await using system = await System.start({
    dispatchers,
    // Polly answers a short phrase in a fraction of a second; the quota, not this, is what is measured.
    engine: { ENGINE: 'instant', QUOTAS: 'polly', FAULT_LATENCY_MS: '50-150' },
    services: { QUOTAS: 'polly', CALL_TIMEOUT: '30s', ACK_WAIT: '30s' },
  });
  const name = `quota-${engine}`;
  await system.drop(`${name}.yml`, setFile(name, items, { engine }));
  const done = await system.completed(name, 3_600_000);
  const stats = (await system.engineStats()).calls[`SynthesizeSpeech/${engine}`];
  const seconds = (Date.parse(done.data.endedAt) - Date.parse(done.data.startedAt)) / 1_000;
  const ideal = (items - burst) / rps;
  const calls = (stats?.ok ?? 0) + (stats?.throttled ?? 0);
  return {
    engine,
    dispatchers,
    items,
    seconds: rounded(seconds, 2),
    idealSeconds: rounded(ideal, 2),
    overIdeal: rounded(seconds / ideal),
    callsPerSecond: rounded(items / seconds, 2),
    mostInOneSecond: stats?.peakAdmittedPerSecond ?? 0,
    throttledShare: rounded((stats?.throttled ?? 0) / calls, 5),
    completed: done.data.counts.completed,
  };
}
