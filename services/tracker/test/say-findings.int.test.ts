/** What several trackers find at once is reported once, and counted and logged by the one that reported it. */
import { type SetSummary, subjects } from '@setlist/contracts';
import { createLogger } from '@setlist/runtime';
import { evolve, type FoldState } from '@setlist/sets';
import { eventsOf } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { sayFindings } from '../src/say-findings.ts';
import { StallGrace } from '../src/stall-grace.ts';
import { openWorld, type World } from './world.ts';

const set = eventsOf('20260105t090001-k3f9q2', 1);

test('a completion that two trackers find is logged by one of them', async () => {
  await using world = await openWorld();
  await world.tell([set.accepted(), set.requested(0), set.completed(0)]);
  const summary = await folded(world);
  const logged: string[] = [];
  for (const _ of ['one', 'other']) await sayer(world, logged)(summary);
  expect(await world.said('SetCompleted', set.id)).toHaveLength(1);
  expect(logged).toEqual(['SetCompleted']);
});

/** The summary of a tracker that has reached the log's end. */
async function folded({ log }: World): Promise<SetSummary> {
  let state: FoldState = {};
  for await (const record of log.read({ subjects: [subjects.ofSet(set.id)] })) state = evolve(state, record);
  if (state.summary === undefined) throw new Error('the set has not begun');
  return state.summary;
}

function sayer({ log }: World, logged: string[]) {
  const write = (line: string) => void logged.push(String(JSON.parse(line).event));
  const logger = createLogger({ service: 'tracker', level: 'info', pretty: false, destination: { write } });
  const grace = new StallGrace({ log, graceMs: 1, hearEveryMs: 1, now: () => performance.now() });
  return sayFindings({ log, logger, stallAfterMs: 3_600_000, grace });
}
