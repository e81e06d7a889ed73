/** Writes a log of whole sets as the product does, with completions and their hash chains, but without the product. */
import { ShadowSet } from '@setlist/audit';
import { type EventOf, newEvent, runOfSet, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { completionOf } from '@setlist/sets';
import { acceptedData } from '@setlist/testkit';
import { freshSetId, itemEvents } from './item-events.ts';

const ITEMS_A_SET = 1_000;

/** Stores whole sets until there are at least this many events. @returns how many there are */
export async function storeHistory(log: EventLog, events: number): Promise<number> {
  let stored = 0;
  while (stored < events) stored += await storeSet(log, freshSetId('bench'));
  return stored;
}

async function storeSet(log: EventLog, setId: string): Promise<number> {
  const items = Array.from({ length: ITEMS_A_SET }, (_, index) => itemEvents(setId, index));
  const requests = items.map(({ requested }) => requested);
  const steps = items.flatMap(({ claimed, paid, completed }) => [claimed, paid, completed]);
  const { count: stored } = await log.appendAll([accepted(setId, requests), ...requests, ...steps]);
  // A completion contains the broker's times, which are known once the rest is stored.
  const set = new ShadowSet(setId);
  for await (const record of log.read({ subjects: [subjects.ofSet(setId)] })) set.apply(record);
  if (set.summary?.counts.awaited !== 0) throw new Error(`${setId} is not complete`);
  const context = { source: 'tracker', now: new Date(), setId, correlationId: setId } as const;
  await log.appendAll([newEvent('SetCompleted', completionOf(set.summary), context)]);
  return stored + 1;
}

function accepted(set: string, requests: readonly EventOf<'ItemRequested'>[]): EventOf<'SetAccepted'> {
  const run = runOfSet(set) ?? '';
  const lane = 'standard' as const;
  const billedCharacters = requests.reduce((sum, { data }) => sum + data.billedCharacters, 0);
  const data = acceptedData({
    run,
    set: { name: 'bench', location: '/out/bench', notify: [] },
    prefix: 'bench',
    itemCount: ITEMS_A_SET,
    lanes: [{ lane, items: ITEMS_A_SET, billedCharacters }],
    usdPerMillion: { [lane]: '4.00' },
  });
  return newEvent('SetAccepted', data, { source: 'ingest', now: new Date(), setId: set, correlationId: set });
}
