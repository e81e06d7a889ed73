/**
 * Quota: items as long as a book's paragraphs, with Polly's documented limits enforced by the local engine.
 * Measures wall-clock time from acceptance to completion, relative to the ideal `(N - burst) / rate`, and the share of
 * throttled calls.
 */
import { System } from '@setlist/e2e';
import { type Engine, QUOTAS } from '@setlist/polly';
import type { EngineStats } from '@setlist/testkit';
import type { Benchmark, Paths, Row } from '../benchmark.ts';
import { endInOrder, nodeOptions } from '../node-options.ts';
import { cpuPerItem, usages } from '../processes.ts';
import { runSets } from '../set-run.ts';
import { BOOK_ITEMS, bookPhrase, setText } from '../set-texts.ts';
import { rounded } from '../statistics.ts';

interface QuotaCase {
  readonly engine: Engine;
  readonly paths: Paths;
  readonly dispatchers: number;
  readonly items: number;
  readonly profiles: string | undefined;
}

/** Items for the other engine, which has a separate quota: services that run for weeks have compiled their code. */
const WARM_UP_ITEMS = 150;

async function measure({ engine, paths, dispatchers, items, profiles }: QuotaCase): Promise<Row> {
  const label = `quota-${engine}-${paths}-${dispatchers}`;
  await using system = await System.start({
    dispatchers,
    // Polly answers a paragraph in a fraction of a second; this measures the quota, not the answer.
    engine: { ENGINE: 'instant', QUOTAS: 'polly', FAULT_LATENCY_MS: '50-150' },
    services: {
      QUOTAS: 'polly',
      CALL_TIMEOUT: '30s',
      ACK_WAIT: '30s',
      NODE_OPTIONS: nodeOptions(profiles, label),
    },
  });
  const warmUp = setText('warm-up', { items: WARM_UP_ITEMS, engine: otherThan(engine), paths });
  await runSets(system, [warmUp]);
  const set = setText(`quota-${engine}`, { items, engine, paths, phrase: bookPhrase });
  const before = usages();
  const { seconds, completed } = await runSets(system, [set]);
  const after = usages();
  const ideal = idealSeconds(engine, paths, items);
  const { sync, tasks, throttled } = callsOf(await system.engineStats(), engine);
  if (profiles) await endInOrder(system);
  return {
    engine,
    paths,
    dispatchers,
    items,
    completed,
    seconds: rounded(seconds, 2),
    idealSeconds: rounded(ideal, 2),
    overIdeal: rounded(seconds / ideal),
    syncCalls: sync.ok,
    taskCalls: tasks.ok,
    mostSyncInOneSecond: sync.peakAdmittedPerSecond,
    throttledShare: rounded(throttled / (sync.ok + tasks.ok + throttled), 5),
    ...cpuPerItem(before, after, items),
  };
}

const otherThan = (engine: Engine): Engine => (engine === 'standard' ? 'neural' : 'standard');

/** The least time of a set: bursts at once, then the rates; an unused path adds nothing. */
function idealSeconds(engine: Engine, paths: Paths, items: number): number {
  const { synthesize, task } = QUOTAS[engine];
  const used = paths === 'both' ? [synthesize, task] : [synthesize];
  const burst = used.reduce((sum, quota) => sum + quota.burst, 0);
  return Math.max(0, items - burst) / used.reduce((sum, { rps }) => sum + rps, 0);
}

function callsOf({ calls }: EngineStats, engine: Engine) {
  const none = { ok: 0, throttled: 0, peakAdmittedPerSecond: 0 };
  const sync = calls[`SynthesizeSpeech/${engine}`] ?? none;
  const tasks = calls[`StartSpeechSynthesisTask/${engine}`] ?? none;
  return { sync, tasks, throttled: sync.throttled + tasks.throttled };
}

export const quota: Benchmark = {
  says: 'how much of Polly’s quota is used, and how often it is overdrawn: 1, 2 and 4 dispatchers',
  takes: '30 min: 2,233 items as long as Moby-Dick’s paragraphs, standard and neural, one path and both',
  middleOf: 'overIdeal',
  cases: ({ items = BOOK_ITEMS, paths, profiles }) =>
    (['standard', 'neural'] as const).flatMap((engine) =>
      paths.flatMap((ways) =>
        [1, 2, 4].map((dispatchers) => ({
          name: `${engine}, ${ways === 'both' ? 'both paths' : 'one path'}, dispatchers: ${dispatchers}`,
          measure: () => measure({ engine, paths: ways, dispatchers, items, profiles }),
        })),
      ),
    ),
};
