/** Growth: one set from 1,000 to 1,000,000 items, and 1,000 sets of 100: time, memory of each process, size of the log. */

import { System } from '@setlist/e2e';
import type { Benchmark, Case, Row, Settings } from '../benchmark.ts';
import { logBytes } from '../disk.ts';
import { endInOrder, nodeOptions } from '../node-options.ts';
import { cpuPerItem, peaks, usages } from '../processes.ts';
import { runSets } from '../set-run.ts';
import { setText } from '../set-texts.ts';
import { rounded } from '../statistics.ts';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const MANY_SETS = 1_000;
const ITEMS_OF_MANY = 100;
const BYTES_PER_MB = 1_000_000;

async function measure(sets: number, items: number, settings: Settings): Promise<Row> {
  const label = `growth-${sets}x${items}`;
  await using system = await System.start({
    engine: { ENGINE: 'instant' },
    services: { CALL_TIMEOUT: '30s', ACK_WAIT: '30s', NODE_OPTIONS: nodeOptions(settings.profiles, label) },
  });
  const texts = Array.from({ length: sets }, (_, index) => setText(`growth-${index}`, { items }));
  const before = usages();
  const { seconds, secondsFromDrop, completed, messages } = await runSets(system, texts);
  const after = usages();
  if (settings.profiles) await endInOrder(system);
  const total = sets * items;
  const bytes = logBytes(system.nats.storeDir);
  return {
    sets,
    items: total,
    completed,
    seconds: rounded(seconds, 2),
    secondsFromDrop: rounded(secondsFromDrop, 2),
    itemsPerSecond: Math.round(total / seconds),
    ...peaks(after),
    logMb: rounded(bytes / BYTES_PER_MB, 1),
    logBytesPerItem: Math.round(bytes / total),
    messagesPerItem: rounded(messages / total),
    ...cpuPerItem(before, after, total),
  };
}

export const growth: Benchmark = {
  says: 'time, peak memory of each process and size of the log, from 1,000 to 1,000,000 items',
  takes: '40 min with a million; --items 100000 leaves that one out: 5 min',
  middleOf: 'seconds',
  cases: (settings) => {
    const { items: most = Number.POSITIVE_INFINITY } = settings;
    const sizes = SIZES.filter((size) => size <= most);
    const one: Case[] = sizes.map((items) => ({
      name: `one set of ${items.toLocaleString('en-US')}`,
      measure: () => measure(1, items, settings),
    }));
    const sets = Math.min(MANY_SETS, Math.floor(most / ITEMS_OF_MANY));
    const name = `${sets} sets of ${ITEMS_OF_MANY}`;
    return [...one, { name, measure: () => measure(sets, ITEMS_OF_MANY, settings) }];
  },
};
