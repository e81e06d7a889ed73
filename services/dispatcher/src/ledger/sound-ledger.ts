/** Claims and payments of sounds in the log: every step is a compare-and-set on the sound's own subject. */
import { type EventData, newEvent, type Reason, type SetlistEvent } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { RecentMap } from '@setlist/runtime';
import {
  type ClaimRight,
  lastClaimOf,
  type PaidSound,
  type PaidState,
  paymentAt,
  readSound,
  type SoundState,
} from '@setlist/sounds';
import { againOf, overtaken } from '../domain/repayment.ts';
import type { Claimant, ClaimTerms, Freed, HeldClaim } from './held-claim.ts';
import { notedSince, type Past, pastOf } from './past-of-sound.ts';
import { type Seen, SoundWatch } from './sound-watch.ts';
import { TakenClaims } from './taken-claims.ts';

/** How many paid sounds are cached, so that reuse doesn't have to read the log. */
const REMEMBERED = 5_000;

type NewClaim = Omit<HeldClaim, 'seq' | 'until'>;

export class SoundLedger {
  readonly #log: EventLog;
  /** This replica's name in the log. */
  readonly replica: string;
  readonly #paid = new RecentMap<string, PaidState>(REMEMBERED);
  /** By hash, the payments that stayed in force while their sounds were made again. */
  readonly #standing = new RecentMap<string, PaidState>(REMEMBERED);
  readonly #taken = new TakenClaims();
  readonly #watch: SoundWatch;

  /** @param draining ends every wait */
  constructor(log: EventLog, replica: string, draining: AbortSignal) {
    this.#log = log;
    this.replica = replica;
    this.#watch = new SoundWatch(log, draining);
  }

  /** A sound's current state; that of a paid one can come from the cache. */
  async read(hash: string): Promise<SoundState> {
    const known = this.#paid.get(hash);
    if (known) return known;
    return this.#remember(hash, await readSound(this.#log, hash));
  }

  /** Whether the cache has the sound as paid. */
  remembers(hash: string): boolean {
    return this.#paid.has(hash);
  }

  /** A sound's state in the log, whatever the cache has. */
  async readAnew(hash: string): Promise<SoundState> {
    this.#paid.delete(hash);
    return this.read(hash);
  }

  /** The payment at a sequence of the sound's own subject, which can come from the cache. */
  async paymentAt(hash: string, seq: number): Promise<PaidSound | undefined> {
    const known = this.#standing.get(hash);
    if (known?.seq === seq) return known.paid;
    const payment = await paymentAt(this.#log, hash, seq);
    if (payment) this.#standing.set(hash, payment);
    return payment?.paid;
  }

  /** See {@link pastOf}. */
  past(hash: string): Promise<Past> {
    return pastOf(this.#log, hash);
  }

  #remember(hash: string, state: SoundState): SoundState {
    if (state.kind === 'paid') this.#paid.set(hash, state);
    return state;
  }

  /** Claims the sound. @returns undefined if another was quicker */
  async claim(hash: string, right: ClaimRight, terms: ClaimTerms): Promise<HeldClaim | undefined> {
    const { keyPrefix, holdMs, ...asked } = terms;
    const task = right.lost ?? (keyPrefix === undefined ? undefined : { keyPrefix });
    const wanted = { ...asked, hash, ordinal: right.ordinal, right, ...(task ? { task } : {}) };
    const claim = await this.#claimed(wanted, right.expectedSeq, holdMs);
    // If the claim was refused, the cached state was out of date.
    this.#paid.delete(hash);
    return claim;
  }

  /** How much longer a claim holds, in ms. */
  msLeft({ until }: HeldClaim): number {
    return until - this.#log.clock.now();
  }

  /** Renews a claim before it expires. @returns undefined if it was taken over */
  renew(claim: HeldClaim, holdMs: number): Promise<HeldClaim | undefined> {
    return this.#claimed({ ...claim, ordinal: claim.ordinal + 1 }, claim.seq, holdMs);
  }

  /** Claims once per item and ordinal: a copy of the item may claim with the ordinal that this one renews with. */
  #claimed(claim: NewClaim, expectedSeq: number, holdMs: number): Promise<HeldClaim | undefined> {
    const { hash, ordinal, for: item } = claim;
    return this.#taken.once({ hash, ordinal, item }, () => this.#appendClaim(claim, expectedSeq, holdMs));
  }

  async #appendClaim(claim: NewClaim, expectedSeq: number, holdMs: number): Promise<HeldClaim | undefined> {
    const { hash, ordinal, for: item, operation, lane, right, task } = claim;
    const until = this.#log.clock.now() + holdMs;
    const data: EventData<'SoundClaimed'> = {
      hash,
      claim: ordinal,
      by: this.replica,
      until: new Date(until).toISOString(),
      for: item,
      operation,
      lane,
      expired: right.expired,
      because: right.because,
      ...(task ? { lost: task } : {}),
      ...(claim.isUnused ? { unused: true } : {}),
      ...standingOf(right),
    };
    const seq = await this.#append('SoundClaimed', data, expectedSeq, claim);
    return seq === undefined ? undefined : { ...claim, seq, until };
  }

  /** Notes the task that was started. @returns undefined if the claim is no longer ours */
  async taskStarted(
    claim: HeldClaim,
    task: { taskId: string; keyPrefix: string; holdMs: number },
  ): Promise<HeldClaim | undefined> {
    const { hash, ordinal, for: item } = claim;
    const { taskId, keyPrefix, holdMs } = task;
    const until = this.#log.clock.now() + holdMs;
    const data = {
      hash,
      claim: ordinal,
      by: this.replica,
      until: new Date(until).toISOString(),
      for: item,
      expired: claim.right.expired,
      taskId,
      keyPrefix,
      ...standingOf(claim.right),
    };
    const seq = await this.#append('SoundTaskStarted', data, claim.seq, claim);
    return seq === undefined ? undefined : { ...claim, seq, until };
  }

  /**
   * Notes that the sound is paid and stored, even if the claim was taken over meanwhile. If the other one paid as well,
   * both payments are in the log, the later one marked as `repaid`.
   * @returns the payment as noted, or the one that others noted for the same call or task
   */
  async paid(claim: HeldClaim, data: PaidSound): Promise<PaidSound> {
    let paid = data;
    for (let { seq } = claim; ; ) {
      const stored = await this.#append('SoundPaid', paid, seq, claim);
      if (stored !== undefined) {
        this.#remember(claim.hash, { kind: 'paid', seq: stored, paid });
        return paid;
      }
      const state = await this.readAnew(claim.hash);
      const { same, wasBilled } = await notedSince(this.#log, claim, data);
      if (same) return same;
      // The other one's payment may already have a claim after it.
      const isSecond = wasBilled || state.kind === 'paid' || (await this.past(claim.hash)).stands;
      paid = overtaken(paid, { isSecond, lastClaim: lastClaimOf(state) });
      seq = state.seq;
    }
  }

  /**
   * Gives the claim up, with the reason; does nothing if it was taken over meanwhile. That a call may have been billed,
   * and why, is carried along however many calls then end without audio: the next claimant reads only the last event.
   */
  async freed(claim: HeldClaim, reason: Reason, { billed, lost, inVain }: Freed): Promise<void> {
    const { hash, ordinal, right } = claim;
    const because = billed ? 'cut' : againOf(right);
    const data = {
      hash,
      claim: ordinal,
      by: this.replica,
      reason,
      billed: because !== undefined,
      ...(because === undefined ? {} : { because, ...(lost ? { lost } : {}) }),
      ...(inVain ? { inVain } : {}),
      ...standingOf(right),
    };
    await this.#append('SoundFreed', data, claim.seq, claim);
  }

  /** Ends a series of expired claims, under which something may have been billed: a later item starts over. */
  async givenUp(
    hash: string,
    state: SoundState & { kind: 'claimed' },
    reason: Reason,
    claimant: Claimant,
  ): Promise<void> {
    const { ordinal, task } = state.claim;
    const carried = { ...(task ? { lost: task } : {}), ...standingOf(state.claim) };
    const because = 'expired';
    const data = {
      hash,
      claim: ordinal,
      by: this.replica,
      reason,
      billed: true,
      because,
      ...carried,
    } as const;
    await this.#append('SoundFreed', data, state.seq, claimant);
  }

  /** Waits until a sound that another pays for has a new event, or until the claim has expired. */
  changed(hash: string, seen: Seen, signal: AbortSignal): Promise<void> {
    return this.#watch.changed(hash, seen, signal);
  }

  async #append<N extends 'SoundClaimed' | 'SoundTaskStarted' | 'SoundPaid' | 'SoundFreed'>(
    name: N,
    data: EventData<N>,
    lastSeq: number,
    { for: item, context }: Claimant,
  ): Promise<number | undefined> {
    const now = new Date(this.#log.clock.now());
    const by = { source: 'dispatcher', now, correlationId: item.set, ...context } as const;
    const event = newEvent(name, data, by) as SetlistEvent;
    const appended = await this.#log.append(event, { lastSeq });
    return appended.kind === 'stored' ? appended.seq : undefined;
  }
}

const standingOf = ({ standing }: Pick<ClaimRight, 'standing'>): Pick<ClaimRight, 'standing'> =>
  standing === undefined ? {} : { standing };
