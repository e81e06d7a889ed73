/** Fails the item of a request that this version can't read, with the reason, so that its set can end. */
import { newEvent, type SetlistEvent, setOfSubject } from '@setlist/contracts';
import type { Lane, Recorded } from '@setlist/eventlog';
import type { Engine } from '@setlist/polly';
import { count } from '@setlist/runtime';
import { type Identified, identify } from '../domain/unreadable.ts';
import type { SettleDeps } from './deps.ts';

/** Stands for a sound's hash that can't be read. */
const NO_HASH = '0'.repeat(64);

/**
 * Fails the item that the message was about. If not even its index is readable, no item can be failed: this is logged,
 * and the set will be reported stalled.
 */
export async function failUnreadable(
  deps: Pick<SettleDeps, 'log' | 'logger'>,
  at: Lane,
  record: Recorded,
): Promise<void> {
  const { seq, subject, problem } = record;
  const found = identify(record.raw, setOfSubject(subject));
  deps.logger.error({ set: at.setId, seq, subject, problem, ...found }, 'a request cannot be read');
  if (found === undefined) return;
  const said = await deps.log.append(failure(at, record, found), { lastSeq: 0 });
  if (said.kind === 'stored' && !said.already) {
    count('items', 1, { lane: at.lane, outcome: 'failed', error: 'unreadable-request' });
  }
}

function failure(
  { setId, lane }: Lane,
  { seq, problem }: Pick<Recorded, 'seq' | 'problem'>,
  { index, attempt, file = '', hash = NO_HASH }: Identified,
): SetlistEvent {
  const isNewer = problem?.code === 'unknown-type';
  const data = {
    index,
    attempt,
    lane: lane as Engine,
    file,
    hash,
    code: 'unreadable-request',
    message: `the request for this item, event ${seq} of the log, can't be read: ${problem?.message ?? 'it is not a request'}`,
    remedy: isNewer
      ? 'Update the dispatchers: a newer version wrote it. Then run `setlist retry` for this set.'
      : 'Submit the set file again; if that fails too, report it as a bug in Setlist, with this message.',
    tries: 1,
  };
  const context = { source: 'dispatcher', now: new Date(), setId, correlationId: setId } as const;
  return newEvent('ItemFailed', data, context);
}
