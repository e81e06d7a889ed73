/** The end of an item: its audio under the user's name, or a reason; one outcome, whatever happens. */
import { type EventData, newEvent, type Reason, subjects } from '@setlist/contracts';
import { backoffDelayMs, sleep } from '@setlist/runtime';
import { copyBetween, StoreError } from '@setlist/storage';
import { storeFailure } from '../adapters/failures.ts';
import { classify } from '../domain/classify.ts';
import type { PaidSound } from '../domain/sound-life.ts';
import { billedFor } from './billed.ts';
import type { Desk, Item } from './desk.ts';
import { measureOutcome, type Outcome } from './measure-outcome.ts';

const STORE_BACKOFF = { baseMs: 200, capMs: 10_000, random: Math.random };

/** Whether the outcome is in the log already, as after a broker that forgot an acknowledgement, or a lane made anew. */
export async function isSettled(desk: Desk, item: Item): Promise<boolean> {
  const { lane } = item.request;
  const { set, index, attempt } = item.is;
  return (await desk.log.last(subjects.outcome(set, lane, index, attempt))) !== undefined;
}

/** Whether the item is done, or why it could not be: the canonical audio is gone, or not what was paid for. */
export type Completed = 'done' | 'missing' | 'damaged';

/**
 * Puts the audio under the user's name, if it is what was paid for, and says so. A file that a run accepted later has
 * completed is left to that one.
 * @param bytes the audio, where it was stored only now
 */
export async function complete(
  desk: Desk,
  item: Item,
  paid: PaidSound,
  bytes?: Uint8Array,
): Promise<Completed> {
  try {
    if (!desk.files.isTaken(item.is.set, item.request.file)) {
      await item.step.run('deliver audio', () =>
        whileStoreRecovers(desk, () => deliver(desk, item, paid, bytes), { signal: desk.draining }),
      );
    }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') return 'missing';
    if (error instanceof StoreError && error.code === 'damaged') return 'damaged';
    const verdict = classify(storeFailure(error), item.inVain);
    await fail(desk, item, verdict.reason, paid);
    return 'done';
  }
  await settle(desk, item, await completion(desk, item, paid));
  return 'done';
}

function deliver(desk: Desk, item: Item, paid: PaidSound, bytes?: Uint8Array): Promise<void> {
  const { object, contentType, hash, sha256 } = paid;
  return copyBetween(
    { store: desk.store, key: object },
    { store: desk.outputOf(item.terms.output), key: item.request.file },
    { contentType, metadata: { set: item.is.set, item: String(item.is.index), hash }, sha256, bytes },
  );
}

/** How the item came by its audio: who paid is in the ledger, so a redelivered item counts the same. */
async function completion(desk: Desk, item: Item, paid: PaidSound): Promise<Outcome> {
  const { index, attempt, lane, file, hash, billedCharacters } = item.request;
  const billed = await billedFor(desk, item, paid);
  const data: EventData<'ItemCompleted'> = {
    index,
    attempt,
    lane,
    file,
    hash,
    how: billed ? (paid.how === 'recovered' ? 'recovered' : 'paid') : 'reused',
    ...(billed ?? { billedCharacters: 0 }),
    sparedCharacters: billed ? 0 : billedCharacters,
    bytes: paid.bytes,
    sha256: paid.sha256,
    durationMs: paid.durationMs,
  };
  return newEvent('ItemCompleted', data, contextOf(item));
}

/**
 * Gives the item up, with the reason and what to do.
 * @param paid its sound, where the audio is there and could not be delivered
 */
export async function fail(desk: Desk, item: Item, reason: Reason, paid?: PaidSound): Promise<void> {
  const { index, attempt, lane, file, hash } = item.request;
  const { code, message, remedy } = reason;
  desk.logger.warn({ ...item.is, code, tries: item.tries }, 'item failed');
  const tries = Math.max(1, item.tries);
  const billed = paid && (await billedFor(desk, item, paid));
  const data = { index, attempt, lane, file, hash, code, message, remedy, tries, ...billed };
  await settle(desk, item, newEvent('ItemFailed', data, contextOf(item)));
}

/** Gives up what may no longer be paid; audio that is paid already comes all the same. */
export function failAtDeadline(desk: Desk, item: Item): Promise<void> {
  const { deadline = 0 } = item.terms;
  const last = item.lastReason ? `; its last try: ${item.lastReason.message}` : '';
  return fail(desk, item, {
    code: 'deadline',
    message: `the set's deadline, ${new Date(deadline).toISOString()}, came before this was recorded${last}`,
    remedy: 'Run `setlist retry` for this set: a retry after the deadline is not bound by it.',
  });
}

const contextOf = (item: Item) =>
  ({
    source: 'dispatcher',
    now: new Date(),
    setId: item.is.set,
    correlationId: item.is.set,
    causationId: item.work.record.event.id,
  }) as const;

/** A conflict means that the outcome is there: another replica's, or our own from before. */
async function settle(desk: Desk, item: Item, event: Outcome): Promise<void> {
  const { step } = item;
  const { kind } = await step.run('say outcome', () => desk.log.append(step.mark(event), { lastSeq: 0 }));
  if (kind === 'stored') measureOutcome(item, event);
  item.work.done();
  step.end(event.name === 'ItemFailed' ? event.data.code : undefined);
}

interface StoreWait {
  /** Ends the waiting, where nothing paid would be lost by it. */
  readonly signal?: AbortSignal;
  /** Which failures are waited for: those that pass by themselves, unless told otherwise. */
  readonly whilst?: (error: StoreError) => boolean;
}

/**
 * Whether somebody can mend it while audio that is paid waits: rights, credentials, a disk that turned read-only. To give
 * the audio up would have it paid again, and every phrase behind it paid in vain.
 */
export const canBeMended = ({ code }: StoreError): boolean =>
  code !== 'not-found' && code !== 'damaged' && code !== 'invalid-key' && code !== 'invalid-uri';

/** Repeats a store's work while its failure may pass: a full disk, a store that is away. */
export async function whileStoreRecovers<T>(
  desk: Desk,
  work: () => Promise<T>,
  { signal, whilst = ({ retryable }) => retryable }: StoreWait = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError) || !whilst(error)) throw error;
      desk.logger.warn(
        { code: error.code, attempt, err: error },
        'the store can’t be used; what is paid waits for it',
      );
      await sleep(backoffDelayMs(attempt, STORE_BACKOFF), signal);
    }
  }
}
