/** Resolves an item: either it is settled, because its sound was reused or given up, or its sound has to be paid. */
import type { Reason } from '@setlist/contracts';
import { settlesWithin } from '@setlist/runtime';
import {
  type ClaimRight,
  CUT_OFF,
  decideSound,
  type PaidSound,
  RIGHT_TO_NEW,
  rightToRepay,
  type SoundDecision,
  type SoundState,
  type Wanted,
} from '@setlist/sounds';
import { againOf } from '../domain/repayment.ts';
import { lexiconsChecked } from './check-lexicons.ts';
import type { SettleDeps } from './deps.ts';
import { canUseTask, claimantOf, type Item, isOver, needsTask } from './item.ts';
import { complete, fail, failAtDeadline, hasOutcome } from './outcome.ts';

export type Resolved =
  | { readonly kind: 'settled' }
  | { readonly kind: 'payable'; readonly right: ClaimRight };

export interface ResolveOptions {
  /** Whether to assume that the sound is new: if it isn't, the claim fails. */
  readonly isTakenForNew: boolean;
  /** While its set is paused an item waits, even past its deadline: it fails when the set is resumed. */
  readonly isPaused: () => boolean;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Called when a wait, for another's payment or for the look-up of lexicons, begins and when it ends. */
  readonly onWaiting: (waits: boolean) => void;
}

/**
 * Reuses the sound, waits for another's payment (without holding a place), or finds that we have to pay; then the item's
 * lexicons are checked.
 */
export async function resolve(deps: SettleDeps, item: Item, options: ResolveOptions): Promise<Resolved> {
  const resolved = await resolveSound(deps, item, options);
  if (resolved.kind === 'settled' || item.request.sound.lexicons.length === 0) return resolved;
  options.onWaiting(true);
  await lexiconsChecked(deps, item, options.signal).finally(() => options.onWaiting(false));
  if (options.isPaused() || !isOver(deps, item, resolved.right)) return resolved;
  await failAtDeadline(deps, item);
  return { kind: 'settled' };
}

async function resolveSound(deps: SettleDeps, item: Item, options: ResolveOptions): Promise<Resolved> {
  const { signal, isTakenForNew, isPaused } = options;
  const { hash } = item.request;
  const { freshSince } = item.terms;
  let wanted: Wanted = freshSince === undefined ? {} : { freshSince };
  // On redelivery, check the outcome first: it saves a copy, and a failed item is not tried again.
  if (item.work.deliveries > 1 && (await hasOutcome(deps, item))) return done(item);
  if (isTakenForNew && !deps.ledger.remembers(hash)) return { kind: 'payable', right: RIGHT_TO_NEW };
  for (;;) {
    signal.throwIfAborted();
    const state = await deps.ledger.read(hash);
    // Read once: if the deadline came between two readings, the wait would be for the whole claim.
    const now = deps.log.clock.now();
    const decision = decideSound(state, now, { ...wanted, goneStanding: item.goneStanding });
    switch (decision.kind) {
      case 'claim':
        return payable(deps, item, { right: decision.right, isPaused });
      case 'wait': {
        const leftMs = (item.terms.deadline ?? Number.POSITIVE_INFINITY) - now;
        if (leftMs <= 0 && !isPaused() && !isOwnSets(item, state)) {
          await failAtDeadline(deps, item);
          return { kind: 'settled' };
        }
        const ranOut = await waited(deps, item, { claim: decision, leftMs }, options);
        // The audio may have been put back during the wait.
        item.goneStanding = undefined;
        if (ranOut) wanted = { ...wanted, ranOut: decision.seq };
        break;
      }
      case 'give-up':
        // The series of claims ends before the item does: after a crash in between, the item is tried again.
        if (state.kind === 'claimed')
          await deps.ledger.givenUp(hash, state, decision.reason, claimantOf(item));
        await fail(deps, item, decision.reason);
        return { kind: 'settled' };
      case 'reuse':
      case 'reuse-standing': {
        const reused = await reuse(deps, item, { state, decision, isPaused, signal });
        if (reused !== 'look-again') return reused;
        break;
      }
      default:
        decision satisfies never;
    }
  }
}

/** Whether the set itself is paying: work in progress for it is finished and kept, even past its deadline. */
const isOwnSets = ({ is }: Item, state: SoundState): boolean =>
  state.kind === 'claimed' && state.claim.for.set === is.set;

interface ToAwait {
  readonly claim: SoundDecision & { kind: 'wait' };
  /** How far away the deadline is; not positive once it has passed. */
  readonly leftMs: number;
}

/** Waits until the sound has a new event, or the deadline comes. @returns whether the claim expired meanwhile */
async function waited(
  deps: SettleDeps,
  { request: { hash }, step }: Item,
  { claim, leftMs }: ToAwait,
  { signal, onWaiting }: ResolveOptions,
): Promise<boolean> {
  const since = performance.now();
  const wait = async (): Promise<void> => {
    const changed = deps.ledger.changed(hash, claim, signal);
    if (leftMs > 0 && leftMs < claim.forMs) await settlesWithin(leftMs, changed);
    else await changed;
  };
  onWaiting(true);
  await step.run('wait for payment', wait).finally(() => onWaiting(false));
  return performance.now() - since >= claim.forMs;
}

interface ToPay extends Pick<ResolveOptions, 'isPaused'> {
  readonly right: ClaimRight;
}

async function payable(deps: SettleDeps, item: Item, { right, isPaused }: ToPay): Promise<Resolved> {
  // Its copy at another dispatcher may have ended while this one waited; and a lane that was created again delivers
  // finished work as if for the first time.
  if (await hasOutcome(deps, item)) return done(item);
  if (!needsTask(item) && (await isTooLong(deps, item, right))) {
    if (canUseTask(deps, item)) item.only ??= 'task';
    // Only after an expired claim does a call's turn look for what is already paid.
    else if (right.because !== 'expired') {
      await fail(deps, item, CUT_OFF);
      return { kind: 'settled' };
    }
  }
  if (isPaused() || !isOver(deps, item, right)) return { kind: 'payable', right };
  await failAtDeadline(deps, item);
  return { kind: 'settled' };
}

/** Whether the log tells that the audio is too long for a call. For this, the sound's past is read once at most. */
async function isTooLong(deps: SettleDeps, item: Item, right: ClaimRight): Promise<boolean> {
  // If no call was billed, none was cut off.
  if (againOf(right) === undefined) return false;
  item.isTooLong = right.isTooLong ?? item.isTooLong ?? (await deps.ledger.past(item.request.hash)).isTooLong;
  return item.isTooLong;
}

interface Reuse extends Pick<ResolveOptions, 'isPaused' | 'signal'> {
  readonly state: SoundState;
  readonly decision: SoundDecision & { kind: 'reuse' | 'reuse-standing' };
}

/**
 * Reuses paid audio. If it is gone or not what was paid for, it is made again, unless the log has moved on since. Audio
 * that is put back after the item has looked for it is used by other items, and for a retry of the set.
 */
async function reuse(
  deps: SettleDeps,
  item: Item,
  { state, decision, isPaused, signal }: Reuse,
): Promise<Resolved | 'look-again'> {
  const { hash } = item.request;
  if (decision.kind === 'reuse-standing') {
    const stands = await deps.ledger.paymentAt(hash, decision.standing);
    if (!stands || (await complete(deps, item, stands, { signal })) !== 'done') {
      if (stands && isOwn(item, stands)) {
        const { seq } = await deps.ledger.readAnew(hash);
        return seq === state.seq ? lost(deps, item, stands) : 'look-again';
      }
      item.goneStanding = decision.standing;
      return 'look-again';
    }
    // Nobody makes the sound again for this item: without this, no event would say that it may have been billed.
    if (state.kind === 'claimed' && isOwn(item, state.claim))
      await deps.ledger.givenUp(hash, state, PUT_BACK, claimantOf(item));
    return { kind: 'settled' };
  }
  const completed = await complete(deps, item, decision.paid, { signal });
  if (completed === 'done') return { kind: 'settled' };
  const now = await deps.ledger.readAnew(hash);
  if (now.kind !== 'paid' || now.seq !== state.seq) return 'look-again';
  if (isOwn(item, now.paid)) return lost(deps, item, now.paid);
  item.goneStanding = now.seq;
  deps.logger.warn({ ...item.is, hash, because: completed }, 'stored audio has to be made again');
  return payable(deps, item, { right: rightToRepay(now, completed), isPaused });
}

/** Whether it was for this attempt itself, which pays only once, whatever happens to the audio. */
const isOwn = ({ is }: Item, { for: by }: Pick<PaidSound, 'for'>): boolean =>
  by !== undefined && by.set === is.set && by.index === is.index && by.attempt === is.attempt;

const STORE_LOSES_AUDIO: Reason = {
  code: 'store-loses-audio',
  message:
    'the audio was paid for and stored for this item, but was lost or changed before it could be delivered',
  remedy: 'Find out what removes or changes audio in the store, then run `setlist retry` for this set.',
};

async function lost(deps: SettleDeps, item: Item, paid: PaidSound): Promise<Resolved> {
  await fail(deps, item, STORE_LOSES_AUDIO, paid);
  return { kind: 'settled' };
}

const PUT_BACK: Reason = {
  code: 'put-back',
  message:
    'audio that was gone or damaged is in the store again, and is used; the dispatcher that was making the sound again died, and its call may have been billed',
  remedy: 'Nothing to do.',
};

function done(item: Item): Resolved {
  item.work.done();
  return { kind: 'settled' };
}
