/** The hash chain over a set's events: whoever replays the log can tell whether a byte of it was changed. */
import { hash } from 'node:crypto';
import type { SetSummary } from '@setlist/contracts';
import type { LogRecord } from './log-record.ts';

/** How many events were folded in, and the SHA-256 that stands for all of them, in hex. */
export type Chain = SetSummary['chain'];

/** A set's chain begins at 32 zero bytes; the set's id is in every subject that goes in. */
export const EMPTY_CHAIN: Chain = { events: 0, head: '0'.repeat(64) };

const HEAD_BYTES = 32;
/** UTF-8 takes no more for a unit of UTF-16. */
const MAX_BYTES_PER_UNIT = 3;
/** Where a link's bytes are laid side by side; one for all, since nothing of it is kept. */
let link = Buffer.allocUnsafeSlow(8_192);

/**
 * The next link: `h = sha256(h ‖ subject ‖ raw bytes)`, with `h` as its 32 bytes and the subject in UTF-8.
 * Where the subject ends is plain: an event begins with `{`, which no subject holds.
 */
export function extendChain(chain: Chain, { subject, raw }: Pick<LogRecord, 'subject' | 'raw'>): Chain {
  const most = HEAD_BYTES + MAX_BYTES_PER_UNIT * subject.length + raw.length;
  if (most > link.length) link = Buffer.allocUnsafeSlow(2 * most);
  link.write(chain.head, 'hex');
  const end = HEAD_BYTES + link.write(subject, HEAD_BYTES);
  link.set(raw, end);
  return { events: chain.events + 1, head: hash('sha256', link.subarray(0, end + raw.length)) };
}
