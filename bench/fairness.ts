/** Fairness: a five-item set dropped behind a large one, its time over its time alone. */

import { subjects } from '@setlist/contracts';
import { System, setFile } from '@setlist/e2e';
import { eventually } from '@setlist/testkit';
import { rounded } from './machine.ts';

const SMALL = 5;

async function secondsOf(system: System, name: string): Promise<number> {
  const dropped = performance.now();
  await system.drop(`${name}.yml`, setFile(name, SMALL));
  await system.completed(name, 600_000);
  return (performance.now() - dropped) / 1_000;
}

export async function fairness({ items }: { items: number }) {
  await using system = await System.start({
    engine: { ENGINE: 'instant', QUOTAS: 'polly', FAULT_LATENCY_MS: '50-150' },
    services: { QUOTAS: 'polly' },
  });
  const alone = await secondsOf(system, 'alone');
  await system.drop('large.yml', setFile('large', items));
  // Behind: once the large set has used up the burst and is at its steady rate.
  await eventually(
    async () => {
      const outcomes = await system.events(subjects.outcome('*', '*', '*', '*'));
      if (outcomes.length < 150 + SMALL) throw new Error('the large set is not under way');
    },
    { deadlineMs: 60_000, everyMs: 200 },
  );
  const behind = await secondsOf(system, 'behind');
  return {
    behindItems: items,
    aloneSeconds: rounded(alone, 2),
    behindSeconds: rounded(behind, 2),
    ratio: rounded(behind / alone, 2),
  };
}
