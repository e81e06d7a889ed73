/** Three brokers replicate the log: the death of its leader in the middle of a set loses nothing. */
import { EVENTS_STREAM, type EventName } from '@setlist/contracts';
import { eventually, startCluster } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { System, setFile } from './system.ts';
import { Tape } from './verdict/tape.ts';

const ITEMS = 300;

test('a set continues when the log’s leader is killed, and the killed broker catches up once it is back', async () => {
  await using cluster = await startCluster();
  await using system = await System.start({
    servers: cluster.servers,
    replicas: 3,
    dispatchers: 2,
    engine: { ENGINE: 'instant', FAULT_LATENCY_MS: '40-120' },
    services: { CONCURRENCY: '8' },
  });
  expect(await eventually(async () => (await cluster.currentCopiesOf(EVENTS_STREAM)) === 3)).toBe(true);
  const leader = await cluster.leaderOf(EVENTS_STREAM);
  {
    await using tape = new Tape(system.log, 0);
    await system.drop('survivor.yml', setFile('survivor', ITEMS));
    await tape.until('quarter of the set', (said) => said.count('ItemCompleted') >= ITEMS / 4, 60_000);
    expect(tape.count('ItemCompleted'), 'the set is in its middle').toBeLessThan(ITEMS);
    await cluster.kill9(leader);
  }
  expect(await cluster.leaderOf(EVENTS_STREAM)).not.toBe(leader);

  const { data } = await system.completed('survivor', 120_000);
  expect(data.counts).toMatchObject({ total: ITEMS, completed: ITEMS, failed: 0 });
  await cluster.start(leader);
  await eventually(async () => (await cluster.currentCopiesOf(EVENTS_STREAM)) === 3);

  await eventually(async () => (await counted(system, 'NotificationSent')) === 1);
  const events = await system.events();
  const ids = events.map(({ id }) => id);
  expect(new Set(ids).size, 'every event once').toBe(ids.length);
  const outcomes = events.filter((event) => event.name === 'ItemCompleted');
  expect(new Set(outcomes.map((outcome) => outcome.data.index)).size).toBe(ITEMS);
  expect(outcomes).toHaveLength(ITEMS);
  const { sounds, lostSounds } = await system.engineStats();
  expect(Object.values(sounds).filter((count) => count > 1)).toEqual([]);
  expect(lostSounds).toEqual({});
}, 300_000);

async function counted(system: System, name: EventName): Promise<number> {
  const events = await system.events();
  return events.filter((event) => event.name === name).length;
}
