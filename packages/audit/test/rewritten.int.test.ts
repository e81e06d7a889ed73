/** A log rewritten beside older projections: what those still hold of the original log is not overwritten. */
import { setKey } from '@setlist/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repair } from '../src/index.ts';
import { type CloudEvent, type Message, openScratch, type Scratch } from './scratch.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** The clean log with one word changed in one event. */
function rewritten(type: string, changes: Record<string, unknown>): Message[] {
  const place = scratch.messages.findLastIndex(({ event }) => (event as CloudEvent).type === type);
  const { event, ...rest } = scratch.messages[place] as Message & { event: CloudEvent };
  const edited = { ...event, data: { ...event.data, ...changes } };
  return scratch.messages.with(place, { ...rest, event: edited });
}

async function projections(): Promise<Map<string, unknown>> {
  const { sets } = scratch.world.log;
  const keys = (await sets.keys('>')).sort();
  return new Map(await Promise.all(keys.map(async (key) => [key, (await sets.get(key))?.value] as const)));
}

test('is recognised by the chain, and no projection is repaired, whether it contradicts the log or not', async () => {
  const { world, history, messages, load } = scratch;
  await load(messages);
  const before = await projections();
  await load(rewritten('setlist.set.paused.v1', { who: 'somebody else' }));
  for (const [key, value] of before) await world.log.sets.put(key, value);
  const { findings } = await world.verify();
  const guide = { key: setKey(history.guide.id), set: history.guide.id };
  expect(findings).toMatchObject([{ code: 'projection-contradicts', where: guide }]);
  expect(findings[0]?.what).toMatch(/head is [0-9a-f]{64}; the log's same \d+ events give [0-9a-f]{64}$/);

  await world.log.sets.delete(setKey(history.tour.id));
  before.delete(setKey(history.tour.id));
  const mended = await repair((await world.verify()).findings, { log: world.log });
  expect(mended).toMatchObject({ projections: false, contradicted: true });
  expect(await projections()).toEqual(before);
});
