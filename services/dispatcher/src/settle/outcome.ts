/** The end of an item: its audio under the user's name, or a reason; one outcome, whatever happens. */
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

/** Whether the outcome is in the log already, as after a broker that forgot an acknowledgement, or a lane made anew. */
export async function isSettled(deps: SettleDeps, item: Item): Promise<boolean> {
  const { lane } = item.request;
  const { set, index, attempt } = item.is;
  return (await deps.log.last(subjects.outcome(set, lane, index, attempt))) !== undefined;
}

/** Whether the item is done, or why it could not be: the canonical audio is gone, or not what was paid for. */
export type Completed = 'done' | 'missing' | 'damaged';

/**
 * Puts the audio under the user's name, if it is what was paid for, and says so. A file that a run accepted later has
 * completed is left to that one.
 * @param bytes the audio, where it was stored only now; it is not held while its output is waited for, which is `later`
 */
export function complete(deps: SettleDeps, item: Item, paid: PaidSound): Promise<Completed>;
export function complete(
  deps: SettleDeps,
  item: Item,
  paid: PaidSound,
  bytes: Uint8Array,
): Promise<Completed | 'later'>;
export async function complete(
  deps: SettleDeps,
  item: Item,
  paid: PaidSound,
  bytes?: Uint8Array,
): Promise<Completed | 'later'> {
  if (!namesItsAudio(paid)) return 'missing';
  try {
    if (!deps.files.isTaken(item.is.set, item.request.file)) {
      const output = deps.outputOf(item.terms.output);
      const work = () => deliver(deps, item, paid, { output, bytes });
      const waiting = () => deps.lineOf(output).whileRecovers(work, { signal: deps.draining });
      await item.step.run('deliver audio', bytes ? work : waiting);
    }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') return 'missing';
    if (error instanceof StoreError && error.code === 'damaged') return 'damaged';
    if (error instanceof StoreError && error.retryable && bytes) return 'later';
    if (error instanceof StoreError && (await troubleOfStore(deps, item, paid))) {
      if (bytes) return 'later';
      await storeRecovers(deps, item, paid);
      return complete(deps, item, paid);
    }
    const verdict = classify(storeFailure(error), item.inVain);
    await fail(deps, item, verdict.reason, paid);
    return 'done';
  }
  await settle(deps, item, await completion(deps, item, paid));
  return 'done';
}

const PROBE = Buffer.from('setlist');

/**
 * What refuses may be the store that is copied from, which only reading tells: rights to read can go alone. An object that is
 * refused where others can be read, as one that was archived, is no trouble of the store's.
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

/** Not to be called by who is in the store's line already. */
function storeRecovers(deps: SettleDeps, item: Item, paid: PaidSound): Promise<void> {
  const look = async (): Promise<void> => {
    const trouble = await troubleOfStore(deps, item, paid);
    if (trouble) throw trouble;
  };
  return deps.lineOf(deps.store).whileRecovers(look, { signal: deps.draining, whilst: () => true });
}

interface Delivery {
  readonly output: ObjectStore;
  readonly bytes?: Uint8Array | undefined;
}

function deliver(deps: SettleDeps, item: Item, paid: PaidSound, { output, bytes }: Delivery): Promise<void> {
  const { object, sha256 } = paid;
  return copyBetween(
    { store: deps.store, key: object },
    { store: output, key: item.request.file },
    { ...describedAs(item.is, paid), sha256, bytes },
  );
}

/** How the item came by its audio: who paid is in the ledger, so a redelivered item counts the same. */
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
 * Gives the item up, with the reason and what to do.
 * @param paid its sound, where the audio is there and could not be delivered
 */
export async function fail(deps: SettleDeps, item: Item, reason: Reason, paid?: PaidSound): Promise<void> {
  const { index, attempt, lane, file, hash } = item.request;
  const { code, message, remedy } = reason;
  deps.logger.warn({ ...item.is, code, tries: item.tries }, 'item failed');
  const tries = Math.max(1, item.tries);
  const billed = paid && (await billedFor(deps, item, paid));
  const data = { index, attempt, lane, file, hash, code, message, remedy, tries, ...billed };
  await settle(deps, item, newEvent('ItemFailed', data, contextOf(item)));
}

/** Gives up what may no longer be paid; audio that is paid already comes all the same. */
export function failAtDeadline(deps: SettleDeps, item: Item): Promise<void> {
  const { deadline = 0 } = item.terms;
  const last = item.lastReason ? `; its last try: ${item.lastReason.message}` : '';
  return fail(deps, item, {
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
async function settle(deps: SettleDeps, item: Item, event: Outcome): Promise<void> {
  const { step } = item;
  const said = await step.run('say outcome', () => deps.log.append(step.mark(event), { lastSeq: 0 }));
  if (said.kind === 'stored' && !said.already) measureOutcome(item, event);
  item.work.done();
  step.end(event.name === 'ItemFailed' ? event.data.code : undefined);
}
