/** A log of whole sets as the product tells them, completions and their hash chains included, made without the product. */
import { ShadowSet } from '@setlist/audit';
import { type EventOf, encodeEvent, newEvent, type SetlistEvent, subjectOf } from '@setlist/contracts';
import { decide } from '@setlist/tracker';
import { freshSetId, itemEvents } from './item-events.ts';

const ITEMS_A_SET = 1_000;
/** Requested, claimed, paid, completed; and of the set, accepted and completed. */
const EVENTS_A_SET = 4 * ITEMS_A_SET + 2;

/** Whole sets for an empty log, until there are so many events. */
export function* history(events: number): Generator<SetlistEvent> {
  for (let told = 0; told < events; told += EVENTS_A_SET) yield* setHistory(freshSetId('bench'), told);
}

/** @param told how many events stand in the log before */
function* setHistory(setId: string, told: number): Generator<SetlistEvent> {
  const items = Array.from({ length: ITEMS_A_SET }, (_, index) => itemEvents(setId, index));
  const requests = items.map(({ requested }) => requested);
  const steps = items.flatMap(({ claimed, paid, completed }) => [claimed, paid, completed]);
  const set = new ShadowSet(setId);
  let seq = told;
  for (const event of [accepted(setId), ...requests, ...steps]) {
    seq++;
    yield event;
    if (event.setId !== setId) continue;
    const [subject, raw, time] = [subjectOf(event), encodeEvent(event), new Date(event.time)];
    set.apply({ seq, subject, raw, time, event });
  }
  const moment = { now: Date.now(), stallAfterMs: Number.POSITIVE_INFINITY };
  const completed = set.summary && decide(set.summary, moment);
  if (completed === undefined) throw new Error(`${setId} is not complete`);
  yield completed;
}

function accepted(set: string): EventOf<'SetAccepted'> {
  const run = set.split('-').slice(-2).join('-');
  const lane = 'standard' as const;
  const sha256 = '0'.repeat(64);
  return newEvent(
    'SetAccepted',
    {
      run,
      set: { name: 'bench', location: '/out/bench', notify: [] },
      source: { uri: 'inbox/bench.yml', sha256, bytes: 1, keptAs: 'sets/bench.yml' },
      prefix: 'bench',
      output: 'file:///out',
      provider: 'local',
      itemCount: ITEMS_A_SET,
      lanes: [{ lane, items: ITEMS_A_SET, billedCharacters: ITEMS_A_SET * 40 }],
      billedCharacters: ITEMS_A_SET * 40,
      estimatedUsd: '0.16',
      usdPerMillion: { [lane]: '4.00' },
      priority: 'normal',
      compat: false,
      warnings: 0,
    },
    { source: 'ingest', now: new Date(), setId: set, correlationId: run },
  );
}
