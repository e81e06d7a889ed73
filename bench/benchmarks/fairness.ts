/** Fairness: the time of a five-item set dropped behind a large one, relative to its time alone. */

import { subjects } from '@setlist/contracts';
import { System } from '@setlist/e2e';
import { eventually } from '@setlist/testkit';
import type { Benchmark, Row } from '../benchmark.ts';
import { runSets } from '../set-run.ts';
import { setText } from '../set-texts.ts';
import { rounded } from '../statistics.ts';

const SMALL = 5;
/** More items than the standard engine's burst, after which the large set runs at its steady rate. */
const UNDER_WAY = 150;

async function measure(items: number): Promise<Row> {
  await using system = await System.start({
    engine: { ENGINE: 'instant', QUOTAS: 'polly', FAULT_LATENCY_MS: '50-150' },
    services: { QUOTAS: 'polly', CALL_TIMEOUT: '30s', ACK_WAIT: '30s' },
  });
  // The first set opens connections and compiles code.
  await secondsOf(system, 'warm-up');
  const alone = await secondsOf(system, 'alone');
  const large = setText('large', { items });
  await system.drop(`${large.name}.yml`, large.text);
  await untilUnderWay(system);
  const behind = await secondsOf(system, 'behind');
  return {
    behindItems: items,
    aloneSeconds: rounded(alone, 2),
    behindSeconds: rounded(behind, 2),
    ratio: rounded(behind / alone, 2),
  };
}

const secondsOf = async (system: System, name: string): Promise<number> =>
  (await runSets(system, [setText(name, { items: SMALL })])).secondsFromDrop;

const untilUnderWay = (system: System): Promise<true> =>
  eventually(
    async () => {
      const outcomes = await system.events(subjects.outcome('*', '*', '*', '*'));
      if (outcomes.length < UNDER_WAY + 2 * SMALL) throw new Error('the large set is not under way');
      return true as const;
    },
    { deadlineMs: 300_000, everyMs: 500 },
  );

export const fairness: Benchmark = {
  says: 'what a five-item set loses by coming behind one of 100,000',
  takes: '1 min',
  middleOf: 'ratio',
  cases: ({ items = 100_000 }) => [
    { name: `behind ${items.toLocaleString('en-US')} items`, measure: () => measure(items) },
  ],
};
