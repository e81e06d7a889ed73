/** The hash chain over a set's events: whoever replays the log can tell whether a byte of it was changed. */
import { createHash } from 'node:crypto';
import type { SetSummary } from '@setlist/contracts';
import type { LogRecord } from './log-record.ts';

/** How many events were folded in, and the SHA-256 that stands for all of them, in hex. */
export type Chain = SetSummary['chain'];

/** A set's chain begins at 32 zero bytes; the set's id is in every subject that goes in. */
export const EMPTY_CHAIN: Chain = { events: 0, head: '0'.repeat(64) };

/**
 * The next link: `h = sha256(h ‖ subject ‖ raw bytes)`, with `h` as its 32 bytes and the subject in UTF-8.
 * Where the subject ends is plain: an event begins with `{`, which no subject holds.
 */
export function extendChain(chain: Chain, { subject, raw }: Pick<LogRecord, 'subject' | 'raw'>): Chain {
  const head = createHash('sha256').update(chain.head, 'hex').update(subject).update(raw).digest('hex');
  return { events: chain.events + 1, head };
}
