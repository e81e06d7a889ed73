/** A failing provider, through the whole system: every set completes, and nothing truncated is ever stored. */
import { eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { System, setFile } from './system.ts';
import { judge } from './verdict/judge.ts';
import { observe } from './verdict/observe.ts';

/** Seven in ten tries fail: with more items, the unluckiest would back off for minutes. */
const ITEMS = 30;
const SEED = 7;
const LONG = 'A sentence that goes on for a while, and then some more. '.repeat(54);
const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

test('with half of all calls throttled, a tenth failed, streams cut and delays, every item is whole', async () => {
  await using system = await System.start({
    dispatchers: 2,
    engine: {
      ENGINE: 'instant',
      FAULT_THROTTLE: '0.5',
      FAULT_5XX: '0.1',
      FAULT_CUT: '0.1',
      FAULT_LATENCY_MS: '0-2000',
      FAULT_SEED: String(SEED),
    },
    services: { CONCURRENCY: '32', CALL_TIMEOUT: '10s' },
  });
  const phrase = (index: number): string =>
    index % 10 === 9 ? `${index}. ${LONG}` : `Bad day, line ${index}.`;
  await system.drop('bad-day.yml', setFile('bad-day', ITEMS, { phrase }));
  await system.completed('bad-day', 200_000);
  await eventually(async () => (await system.mails()).length > 0);
  await eventually(async () => (await system.events()).some(({ name }) => name === 'NotificationSent'));

  const seen = await observe(system, { name: 'bad-day', sinceSeq: 0, mailsSoFar: [] });
  const stats = await system.engineStats();
  const lost = sum(stats.lostSounds);
  const { wrong, costs } = judge(seen, {
    items: ITEMS,
    callsLostAtMost: lost,
    channels: ['folder'],
    mailMayRepeat: false,
  });
  expect(wrong).toEqual([]);
  // The faults really happened, and only the cut replies were paid again, all of them counted.
  expect(stats.throttled).toBeGreaterThan(ITEMS / 2);
  expect(lost).toBeGreaterThan(0);
  expect(costs).toMatchObject({ tasksPaidTwice: 0, callsPaidTwice: lost, callsLost: lost });
  expect(costs.repaid).toBe(Object.keys(stats.lostSounds).length);
}, 300_000);
