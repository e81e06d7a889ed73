/** Rerun: a set that is already paid for: items a second, relative to the broker's limit, and no characters. */
import { System } from '@setlist/e2e';
import type { Benchmark, Row, Settings } from '../benchmark.ts';
import { brokerWritesPerSecond } from '../broker-rate.ts';
import { endInOrder, nodeOptions } from '../node-options.ts';
import { cpuPerItem, usages } from '../processes.ts';
import { runSets } from '../set-run.ts';
import { setText } from '../set-texts.ts';
import { rounded } from '../statistics.ts';

async function measure(items: number, settings: Settings): Promise<Row> {
  const writesPerSecond = await brokerWritesPerSecond();
  await using system = await System.start({
    engine: { ENGINE: 'instant' },
    services: {
      ...{ CALL_TIMEOUT: '30s', ACK_WAIT: '30s' },
      NODE_OPTIONS: nodeOptions(settings.profiles, `rerun-${items}`),
    },
  });
  const set = setText('rerun', { items });
  const first = await runSets(system, [set]);
  const before = usages();
  const again = await runSets(system, [set]);
  const after = usages();
  if (settings.profiles) await endInOrder(system);
  const itemsPerSecond = items / again.seconds;
  const writesPerItem = again.messages / items;
  const allowed = writesPerSecond / writesPerItem;
  return {
    items,
    completed: again.completed,
    billedCharacters: again.billedCharacters,
    firstSeconds: rounded(first.seconds, 2),
    seconds: rounded(again.seconds, 2),
    itemsPerSecond: Math.round(itemsPerSecond),
    brokerWritesPerSecond: Math.round(writesPerSecond),
    writesPerItem: rounded(writesPerItem),
    brokerAllowsItemsPerSecond: Math.round(allowed),
    shareOfBroker: rounded(itemsPerSecond / allowed),
    ...cpuPerItem(before, after, items),
  };
}

export const rerun: Benchmark = {
  says: 'an unchanged set of 100,000 items again: items a second, and no characters billed',
  takes: '5 min, most of it the first time',
  middleOf: 'shareOfBroker',
  cases: (settings) => {
    const { items = 100_000 } = settings;
    return [{ name: `${items.toLocaleString('en-US')} items`, measure: () => measure(items, settings) }];
  },
};
