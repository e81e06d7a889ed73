/** The hash chain of a set, recomputed from its events. */
import { beginsSet, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { type Chain, EMPTY_CHAIN, extendChain } from '@setlist/sets';

/** The chain over the set's first `events` events; `undefined` where the set has fewer. */
export async function chainOf(
  log: Pick<EventLog, 'read'>,
  setId: string,
  events: number,
): Promise<Chain | undefined> {
  for await (const { chain } of linksOf(log, setId)) if (chain.events === events) return chain;
  return undefined;
}

/** Where the set's chain had the given head, which may come from a mail; `undefined` where it never had it. */
export async function placeOfHead(
  log: Pick<EventLog, 'read'>,
  setId: string,
  head: string,
): Promise<{ readonly seq: number; readonly events: number } | undefined> {
  for await (const { seq, chain } of linksOf(log, setId)) {
    if (chain.head === head) return { seq, events: chain.events };
  }
  return undefined;
}

/**
 * Link by link, from the event by which the set began. It stops before a record where the chain can't tell the end of
 * the subject from the start of the bytes: a byte moved from one to the other would leave the head the same. No part of
 * Setlist writes such a record.
 */
async function* linksOf(
  log: Pick<EventLog, 'read'>,
  setId: string,
): AsyncGenerator<{ readonly seq: number; readonly chain: Chain }> {
  let chain = EMPTY_CHAIN;
  for await (const record of log.read({ subjects: [subjects.ofSet(setId)] })) {
    if (chain.events === 0 && !beginsSet(record.event)) continue;
    if (!isPlain(record)) return;
    chain = extendChain(chain, record);
    yield { seq: record.seq, chain };
  }
}

const OPENING = '{';

const isPlain = ({ subject, raw }: Recorded): boolean =>
  raw[0] === OPENING.charCodeAt(0) && !subject.includes(OPENING);
