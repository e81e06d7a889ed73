/**
 * The cost of telemetry: the same set, by the same processes, with telemetry off, with scraped metrics, and with
 * scraped metrics and sent traces; off twice, to show the noise between two equal runs. All of them run one after the
 * other in each run, in rotation: each comes first in its turn.
 */
import { System } from '@setlist/e2e';
import { startCollector } from '@setlist/testkit';
import { type Benchmark, progress, type Row } from '../benchmark.ts';
import { WARM_UP_ITEMS } from '../engine.ts';
import { cpuPerItem, usages } from '../processes.ts';
import { runSets } from '../set-run.ts';
import { setText } from '../set-texts.ts';
import { rounded } from '../statistics.ts';
import { offUsPerItem } from '../telemetry-calls.ts';

const ITEMS = 5_000;
const CONCURRENCY = 48;
const SCRAPE_EVERY_MS = 5_000;

const WAYS = ['off', 'offAgain', 'metrics', 'traces', 'everyItem'] as const;
type Way = (typeof WAYS)[number];

interface Cost {
  readonly cpuMsPerItem: number;
  readonly itemsPerSecond: number;
}

/** The settings for each way: metrics are read every five seconds, traces go to a collector that discards them. */
const settingsOf = (way: Way, collector: string): Record<string, string> => {
  if (way === 'off' || way === 'offAgain') return {};
  const metrics = { OTEL_METRICS_EXPORTER: 'prometheus' };
  if (way === 'metrics') return metrics;
  return {
    ...{ ...metrics, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector}/v1/traces` },
    ...(way === 'everyItem' ? { TRACE_ITEMS: '10000000' } : {}),
  };
};

async function costOf(way: Way, items: number): Promise<Cost> {
  await using collector = await startCollector({ keeps: false });
  await using system = await System.start({
    engine: { ENGINE: 'instant' },
    services: {
      ...{
        CALL_TIMEOUT: '30s',
        ACK_WAIT: '30s',
        CONCURRENCY: String(CONCURRENCY),
        AHEAD: String(2 * CONCURRENCY),
      },
      ...settingsOf(way, collector.url),
    },
  });
  using _scraping = way === 'off' || way === 'offAgain' ? undefined : await scrape(system);
  await runSets(system, [setText('warm-up', { items: WARM_UP_ITEMS })]);
  const before = usages();
  const { seconds, completed } = await runSets(system, [setText('telemetry', { items })]);
  if (completed !== items) throw new Error(`${completed} of ${items} items were completed`);
  const cpu = cpuPerItem(before, usages(), items);
  const services = ['ingest', 'dispatcher', 'tracker', 'notifier'];
  const cpuMsPerItem = services.reduce((sum, name) => sum + Number(cpu[`cpuMsPerItem.${name}`] ?? 0), 0);
  progress(
    `  ${way}: ${rounded(cpuMsPerItem)} ms of CPU an item, ${Math.round(items / seconds)} items a second`,
  );
  return { cpuMsPerItem, itemsPerSecond: items / seconds };
}

async function scrape(system: System): Promise<Disposable> {
  const urls: string[] = [];
  for (const running of system.processes.values()) {
    const { healthUrl } = JSON.parse(await running.waitForLine(/"event":"ready"/)) as { healthUrl: string };
    urls.push(`${healthUrl}/metrics`);
  }
  const read = async (url: string): Promise<void> => {
    const reply = await fetch(url);
    if (!reply.ok) throw new Error(`${url} answered ${reply.status}`);
    await reply.arrayBuffer();
  };
  const timer = setInterval(() => void Promise.all(urls.map(read)), SCRAPE_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

let turn = 0;

async function measure(items: number): Promise<Row> {
  const at = turn++ % WAYS.length;
  const costs = new Map<Way, Cost>();
  for (const way of [...WAYS.slice(at), ...WAYS.slice(0, at)]) costs.set(way, await costOf(way, items));
  const off = costs.get('off');
  if (off === undefined) throw new Error('nothing was measured with telemetry off');
  const row = {
    items,
    'cpuMsPerItem.off': rounded(off.cpuMsPerItem),
    'cpuUsPerItem.callsWhileOff': rounded(await offUsPerItem()),
    'itemsPerSecond.off': Math.round(off.itemsPerSecond),
  };
  const others = [...costs].filter(([way]) => way !== 'off');
  return {
    ...row,
    ...Object.fromEntries(
      others.flatMap(([way, cost]) => [
        [`cpu.${way}`, rounded(cost.cpuMsPerItem / off.cpuMsPerItem)],
        [`itemsPerSecond.${way}`, rounded(cost.itemsPerSecond / off.itemsPerSecond)],
      ]),
    ),
  };
}

export const telemetry: Benchmark = {
  says: 'what metrics and traces cost: CPU an item and items a second, as ratios to telemetry off',
  takes: '5 min a run; --items 2000: 3 min',
  middleOf: 'cpu.metrics',
  cases: ({ items = ITEMS }) => [
    { name: `${items.toLocaleString('en-US')} items`, measure: () => measure(items) },
  ],
};
