/** The hash chain over a set's events: a replay of the log shows whether a byte of them was changed. */
import { hash } from 'node:crypto';
import type { SetSummary } from '@setlist/contracts';
import type { LogRecord } from './log-record.ts';

/** Number of events folded in, and the SHA-256 over all of them, in hex. */
export type Chain = SetSummary['chain'];

/** A set's chain starts as 32 zero bytes; every hashed subject contains the set's id. */
export const EMPTY_CHAIN: Chain = { events: 0, head: '0'.repeat(64) };

const HEAD_BYTES = 32;
/** The most bytes of UTF-8 for one unit of UTF-16. */
const MAX_BYTES_PER_UNIT = 3;
/** Buffer in which a link's bytes are concatenated, shared because nothing in it outlives a call. */
let link = Buffer.allocUnsafeSlow(8_192);

/**
 * The next link: `h = sha256(h ‖ subject ‖ raw bytes)`, with `h` as its 32 bytes and the subject in UTF-8.
 * The end of the subject is unambiguous: an event begins with `{`, which no subject contains.
 */
export function extendChain(chain: Chain, { subject, raw }: Pick<LogRecord, 'subject' | 'raw'>): Chain {
  const most = HEAD_BYTES + MAX_BYTES_PER_UNIT * subject.length + raw.length;
  if (most > link.length) link = Buffer.allocUnsafeSlow(2 * most);
  link.write(chain.head, 'hex');
  const end = HEAD_BYTES + link.write(subject, HEAD_BYTES);
  link.set(raw, end);
  return { events: chain.events + 1, head: hash('sha256', link.subarray(0, end + raw.length)) };
}
