/** The hash chain of a set, made anew from its events. */
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type Chain, EMPTY_CHAIN, extendChain } from '@setlist/tracker';

/**
 * The chain over the set's first `events` events, or over all where the number is left out. Nothing where the set
 * has not so many. It begins with the event by which the set began.
 */
export async function chainOf(
  log: Pick<EventLog, 'read'>,
  setId: string,
  events = Number.POSITIVE_INFINITY,
): Promise<Chain | undefined> {
  let chain = EMPTY_CHAIN;
  for await (const record of log.read({ subjects: [subjects.ofSet(setId)] })) {
    if (chain.events >= events) break;
    const { event } = record;
    const begins = event?.name === 'SetAccepted' || event?.name === 'SetRejected';
    if (chain.events > 0 || begins) chain = extendChain(chain, record);
  }
  return Number.isFinite(events) && chain.events !== events ? undefined : chain;
}

/** The place in the set's chain at which it had a head, as somebody holds it from a mail; nothing where it never had. */
export async function placeOfHead(
  log: Pick<EventLog, 'read'>,
  setId: string,
  head: string,
): Promise<{ readonly seq: number; readonly events: number } | undefined> {
  let chain = EMPTY_CHAIN;
  for await (const record of log.read({ subjects: [subjects.ofSet(setId)] })) {
    const { event } = record;
    const begins = event?.name === 'SetAccepted' || event?.name === 'SetRejected';
    if (chain.events > 0 || begins) chain = extendChain(chain, record);
    if (chain.head === head) return { seq: record.seq, events: chain.events };
  }
  return undefined;
}
