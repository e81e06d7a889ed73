/** What several trackers find at once is reported once, and counted and logged by the one that reported it. */
import { type SetSummary, subjects } from '@setlist/contracts';
import { createLogger } from '@setlist/runtime';
import { evolve, type FoldState } from '@setlist/sets';
import { eventsOf, eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { appendFindings } from '../src/append-findings.ts';
import { StallGrace } from '../src/stall-grace.ts';
import { openWorld, type World } from './world.ts';

const set = eventsOf('20260105t090001-k3f9q2', 1);

test('a completion that two trackers find is logged by one of them', async () => {
  await using world = await openWorld();
  await world.tell([set.accepted(), set.requested(0), set.completed(0)]);
  const summary = await folded(world);
  const logged: Entry[] = [];
  for (const _ of ['one', 'other']) await appender(world, logged)(summary);
  expect(await world.said('SetCompleted', set.id)).toHaveLength(1);
  expect(logged).toMatchObject([{ level: 'info', event: 'SetCompleted' }]);
});

test('a stall is a warning that says how far the set got, since when it stands still, and what to do', async () => {
  await using world = await openWorld();
  await world.tell([set.accepted(), set.requested(0)]);
  const summary = await folded(world);
  const logged: Entry[] = [];
  const appendFinding = appender(world, logged, 1);
  await eventually(async () => {
    await appendFinding(summary);
    return logged.length > 0;
  });
  const { sinceSeq, since } = (await world.said('SetStalled', set.id))[0]?.data ?? {};
  expect(logged).toMatchObject([
    { level: 'warn', event: 'SetStalled', set: set.id, counts: { total: 1, completed: 0 }, sinceSeq, since },
  ]);
  expect(logged[0]?.remedy).toMatch(/dispatchers/);
});

/** The summary of a tracker that has reached the log's end. */
async function folded({ log }: World): Promise<SetSummary> {
  let state: FoldState = {};
  for await (const record of log.read({ subjects: [subjects.ofSet(set.id)] })) state = evolve(state, record);
  if (state.summary === undefined) throw new Error('the set has not begun');
  return state.summary;
}

type Entry = Record<string, unknown>;

function appender({ log }: World, logged: Entry[], stallAfterMs = 3_600_000) {
  const write = (line: string) => void logged.push(JSON.parse(line));
  const logger = createLogger({ service: 'tracker', level: 'info', pretty: false, destination: { write } });
  const grace = new StallGrace({ log, graceMs: 1, hearEveryMs: 1, now: () => performance.now() });
  return appendFindings({ log, logger, stallAfterMs, grace });
}
