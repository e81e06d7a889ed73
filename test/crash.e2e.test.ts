/** A crash of any process, in the middle of a set, loses nothing and repeats nothing but the calls in flight. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventOf, type SetlistEvent, subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVICES, System, setFile } from './system.ts';

const ITEMS = 500;
/** Calls that one dispatcher has under way at once, which a crash may leave paid and unknown. */
const IN_FLIGHT = 16;

let system: System;
beforeAll(async () => {
  // Every call takes a moment, so that a crash finds calls in flight and a set in the middle.
  const engine = { ENGINE: 'instant', FAULT_LATENCY_MS: '20-60' };
  system = await System.start({ engine, services: { CONCURRENCY: String(IN_FLIGHT) } });
}, 120_000);
afterAll(() => system[Symbol.asyncDispose]());

const isOutcome = (event: SetlistEvent): event is EventOf<'ItemCompleted'> | EventOf<'ItemFailed'> =>
  event.name === 'ItemCompleted' || event.name === 'ItemFailed';

const ofSet = (name: string, events: readonly SetlistEvent[]) =>
  events.filter((event) => event.setId?.startsWith(`${name}-`));

/** Waits until at least so many items have their outcome. */
const underWay = (name: string, least: number) =>
  eventually(
    async () => {
      const outcomes = ofSet(name, await system.events(subjects.ofAllSets())).filter(isOutcome);
      expect(outcomes.length).toBeGreaterThanOrEqual(least);
    },
    { deadlineMs: 60_000 },
  );

async function checkSet(name: string, before: { lost: number; twice: number }) {
  const done = await system.completed(name, 120_000);
  const events = ofSet(name, await system.events(subjects.ofAllSets()));
  const outcomes = events.filter(isOutcome);
  expect(outcomes).toHaveLength(ITEMS);
  expect(new Set(outcomes.map(({ data }) => data.index)).size).toBe(ITEMS);
  expect(done.data.counts).toMatchObject({ total: ITEMS, completed: ITEMS, failed: 0 });
  expect(events.filter((event) => event.name === 'SetCompleted')).toHaveLength(1);
  expect(events.filter((event) => event.name === 'SetAccepted')).toHaveLength(1);
  // A writer that was killed may leave hidden files behind, never a partial one under a name.
  const files = await readdir(join(system.output, name));
  expect(files.filter((file) => !file.startsWith('.'))).toHaveLength(ITEMS);
  await eventually(
    async () => {
      const sent = ofSet(name, await system.events(subjects.ofAllSets())).filter(
        ({ name: is }) => is === 'NotificationSent',
      );
      expect(sent).toHaveLength(1);
    },
    { deadlineMs: 60_000 },
  );
  const paid = await paidMore();
  return { lost: paid.lost - before.lost, twice: paid.twice - before.twice };
}

/** Calls whose reply never arrived whole, and whole ones beyond the first, in all. */
async function paidMore() {
  const { sounds, lostSounds } = await system.engineStats();
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return {
    lost: sum(Object.values(lostSounds)),
    twice: sum(Object.values(sounds).map((count) => count - 1)),
  };
}

describe.each(SERVICES)('kill -9 of the %s in the middle of a set', (service) => {
  test('leaves every item done once, and nothing paid twice but what was in flight', async () => {
    const name = `kill-${service}`;
    const before = await paidMore();
    await system.drop(`${name}.yml`, setFile(name, ITEMS));
    if (service !== 'ingest') await underWay(name, ITEMS / 5);
    else
      await eventually(async () =>
        expect(ofSet(name, await system.events(subjects.state('*')))).not.toEqual([]),
      );
    await system.crash(service);
    const { lost, twice } = await checkSet(name, before);
    expect(lost + twice).toBeLessThanOrEqual(service === 'dispatcher' ? IN_FLIGHT : 0);
  }, 240_000);
});

test('kill -9 of nats-server in the middle of a set leaves every item done once, and nothing paid twice', async () => {
  const before = await paidMore();
  await system.drop('kill-broker.yml', setFile('kill-broker', ITEMS));
  await underWay('kill-broker', ITEMS / 5);
  await system.nats.kill9();
  await system.nats.restart();
  const { lost, twice } = await checkSet('kill-broker', before);
  expect(lost + twice).toBeLessThanOrEqual(IN_FLIGHT);
}, 240_000);
