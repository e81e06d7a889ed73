/** The outcome of an item: its audio under the user's name, or a reason; exactly one, whatever happens. */
import { type EventData, namesItsAudio, newEvent, type Reason, subjects } from '@setlist/contracts';
import type { PaidSound } from '@setlist/sounds';
import { copyBetween, type ObjectStore, StoreError } from '@setlist/storage';
import { storeFailure } from '../adapters/failures.ts';
import { classify } from '../domain/classify.ts';
import { describedAs } from '../files/described-as.ts';
import { billedFor } from './billed.ts';
import type { SettleDeps } from './deps.ts';
import type { Item } from './item.ts';
import { keepsElsewhere } from './keeps-elsewhere.ts';
import { measureOutcome, type Outcome } from './measure-outcome.ts';

/** Whether the log has the outcome already, for example after the broker lost an ack, or the lane was created again. */
export async function hasOutcome(deps: SettleDeps, item: Item): Promise<boolean> {
  const { lane } = item.request;
  const { set, index, attempt } = item.is;
  return (await deps.log.last(subjects.outcome(set, lane, index, attempt))) !== undefined;
}

/** Whether the item is done, or why not: the canonical audio is gone, or is not what was paid for. */
export type Completed = 'done' | 'missing' | 'damaged';

interface JustStored {
  /** The paid audio, which is not held to wait for a store. */
  readonly bytes: Uint8Array;
}

interface Waiting {
  /** Ends every wait for a store. */
  readonly signal: AbortSignal;
}

/**
 * Copies the audio to the user's name, if it is what was paid for, and appends the outcome. A file that a run accepted
 * later has completed is left alone.
 * @returns `later` instead of waiting with the audio in memory
 */
export function complete(deps: SettleDeps, item: Item, paid: PaidSound, terms: Waiting): Promise<Completed>;
export function complete(
  deps: SettleDeps,
  item: Item,
  paid: PaidSound,
  terms: JustStored,
): Promise<Completed | 'later'>;
export async function complete(
  deps: SettleDeps,
  item: Item,
  paid: PaidSound,
  terms: JustStored | Waiting,
): Promise<Completed | 'later'> {
  if (!namesItsAudio(paid)) return 'missing';
  const isHeld = 'bytes' in terms;
  try {
    if (!deps.files.isTaken(item.is.set, item.request.file)) {
      const output = deps.outputOf(item.terms.output);
      const work = () => deliver(deps, item, paid, { output, ...terms });
      const delivery = isHeld ? work : () => deps.lineOf(output).whileRecovers(work, terms);
      await item.step.run('deliver audio', delivery);
    }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') return 'missing';
    if (error instanceof StoreError && error.code === 'damaged') return 'damaged';
    if (error instanceof StoreError && error.retryable && isHeld) return 'later';
    if (error instanceof StoreError && (await troubleOfStore(deps, item, paid))) {
      if (isHeld) return 'later';
      await storeRecovers(deps, item, paid, terms);
      return complete(deps, item, paid, terms);
    }
    const verdict = classify(storeFailure(error), item.inVain);
    await fail(deps, item, verdict.reason, paid);
    return 'done';
  }
  await appendOutcome(deps, item, await completion(deps, item, paid));
  return 'done';
}

const PROBE = Buffer.from('setlist');

/**
 * The error that the canonical store's reads currently give, if any: the source of a copy may refuse, since read access
 * can be lost alone. If only this object is refused, for example because it was archived, the store is fine.
 */
async function troubleOfStore(
  deps: SettleDeps,
  item: Item,
  { object }: PaidSound,
): Promise<StoreError | undefined> {
  try {
    for await (const _ of deps.store.read(object)) break;
    return undefined;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return (await keepsElsewhere(deps, item, PROBE)) ? undefined : error;
  }
}

/** Waits until the canonical store can be read. Must not be called from within the store's line. */
function storeRecovers(deps: SettleDeps, item: Item, paid: PaidSound, { signal }: Waiting): Promise<void> {
  const look = async (): Promise<void> => {
    const trouble = await troubleOfStore(deps, item, paid);
    if (trouble) throw trouble;
  };
  return deps.lineOf(deps.store).whileRecovers(look, { signal, whilst: () => true });
}

interface Delivery {
  readonly output: ObjectStore;
  readonly bytes?: Uint8Array;
}

function deliver(deps: SettleDeps, item: Item, paid: PaidSound, { output, bytes }: Delivery): Promise<void> {
  const { object, sha256 } = paid;
  return copyBetween(
    { store: deps.store, key: object },
    { store: output, key: item.request.file },
    { ...describedAs(item.is, paid), sha256, bytes },
  );
}

/** The completion: how the item got its audio follows from the ledger, so a redelivered item counts the same. */
async function completion(deps: SettleDeps, item: Item, paid: PaidSound): Promise<Outcome> {
  const { index, attempt, lane, file, hash, billedCharacters } = item.request;
  const billed = await billedFor(deps, item, paid);
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
 * Gives the item up, with the reason and a remedy.
 * @param paid the payment of its sound, if there is audio that could not be delivered
 */
export async function fail(deps: SettleDeps, item: Item, reason: Reason, paid?: PaidSound): Promise<void> {
  const { index, attempt, lane, file, hash } = item.request;
  const { code, message, remedy } = reason;
  const tries = Math.max(1, item.tries);
  const billed = paid && (await billedFor(deps, item, paid));
  const data = { index, attempt, lane, file, hash, code, message, remedy, tries, ...billed };
  await appendOutcome(deps, item, newEvent('ItemFailed', data, contextOf(item)));
}

/** Fails an item that may no longer be paid; paid audio is still delivered. */
export function failAtDeadline(deps: SettleDeps, item: Item): Promise<void> {
  const { deadline = 0 } = item.terms;
  return fail(deps, item, {
    code: 'deadline',
    message: `the set's deadline, ${new Date(deadline).toISOString()}, passed before this was recorded${inTheWay(item)}`,
    remedy: 'Run `setlist retry` for this set: a retry after the deadline is not bound by it.',
  });
}

/** What kept an item until its deadline, as far as that is known. */
function inTheWay({ lexiconsAreLate, lastReason, request: { sound } }: Item): string {
  const names = sound.lexicons.map(({ name }) => name).join(', ');
  const waited = lexiconsAreLate ? `; it was waiting for its lexicons: ${names}` : '';
  return lastReason ? `${waited}; its last try: ${lastReason.message}` : waited;
}

const contextOf = (item: Item) =>
  ({
    source: 'dispatcher',
    now: new Date(),
    setId: item.is.set,
    correlationId: item.is.set,
    causationId: item.work.record.event.id,
  }) as const;

/** Appends the outcome. A conflict means that there is one already: another replica's, or our own from before. */
async function appendOutcome(deps: SettleDeps, item: Item, event: Outcome): Promise<void> {
  const { step } = item;
  const said = await step.run('say outcome', () => deps.log.append(step.mark(event), { lastSeq: 0 }));
  if (said.kind === 'stored' && !said.already) {
    measureOutcome(item, event);
    if (event.name === 'ItemFailed') deps.failedItems.failed(item.is, event.data);
  }
  item.work.done();
  step.end(event.name === 'ItemFailed' ? event.data.code : undefined);
}
