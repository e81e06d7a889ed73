/** Who paid for which sound, as the log has it: every step is a compare-and-set on the sound's own subject. */
import { type EventData, newEvent, type Reason, type SetlistEvent, subjects } from '@setlist/contracts';
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
import { againOf, isSamePayment, overtaken } from '../domain/repayment.ts';
import type { Claimant, ClaimTerms, Freed, HeldClaim } from './held-claim.ts';
import { type Past, pastOf } from './past-of-sound.ts';
import { type Seen, SoundWatch } from './sound-watch.ts';
import { TakenClaims } from './taken-claims.ts';

/** How many paid sounds are remembered, so that reuse costs no look at the log. */
const REMEMBERED = 5_000;

type NewClaim = Omit<HeldClaim, 'seq' | 'until'>;

export class SoundLedger {
  readonly #log: EventLog;
  /** Name of this replica, as the log has it. */
  readonly replica: string;
  readonly #paid = new RecentMap<string, PaidState>(REMEMBERED);
  readonly #taken = new TakenClaims();
  readonly #watch: SoundWatch;

  /** @param draining ends every wait */
  constructor(log: EventLog, replica: string, draining: AbortSignal) {
    this.#log = log;
    this.replica = replica;
    this.#watch = new SoundWatch(log, draining);
  }

  /** Where a sound stands; a paid one may come from memory. */
  async read(hash: string): Promise<SoundState> {
    const known = this.#paid.get(hash);
    if (known) return known;
    return this.#remember(hash, await readSound(this.#log, hash));
  }

  /** Whether it is known without a look at the log that the sound is paid. */
  remembers(hash: string): boolean {
    return this.#paid.has(hash);
  }

  /** Where a sound stands in the log, whatever is remembered. */
  async readAnew(hash: string): Promise<SoundState> {
    this.#paid.delete(hash);
    return this.read(hash);
  }

  /** The payment at a sequence of the sound's own subject. */
  async paymentAt(hash: string, seq: number): Promise<PaidSound | undefined> {
    return (await paymentAt(this.#log, hash, seq))?.paid;
  }

  /** See {@link pastOf}. */
  past(hash: string): Promise<Past> {
    return pastOf(this.#log, hash);
  }

  #remember(hash: string, state: SoundState): SoundState {
    if (state.kind === 'paid') this.#paid.set(hash, state);
    return state;
  }

  /** Claims the sound, or nothing where somebody else was quicker. */
  async claim(hash: string, right: ClaimRight, terms: ClaimTerms): Promise<HeldClaim | undefined> {
    const { keyPrefix, holdMs, ...asked } = terms;
    const task = right.lost ?? (keyPrefix === undefined ? undefined : { keyPrefix });
    const wanted = { ...asked, hash, ordinal: right.ordinal, right, ...(task ? { task } : {}) };
    const claim = await this.#claimed(wanted, right.expectedSeq, holdMs);
    // Refused, what was remembered of the sound was no longer so.
    this.#paid.delete(hash);
    return claim;
  }

  /** How long a claim still holds, in ms. */
  msLeft({ until }: HeldClaim): number {
    return until - this.#log.clock.now();
  }

  /** Claims again what is ours, before it runs out. Nothing when it was taken over. */
  renew(claim: HeldClaim, holdMs: number): Promise<HeldClaim | undefined> {
    return this.#claimed({ ...claim, ordinal: claim.ordinal + 1 }, claim.seq, holdMs);
  }

  /** A copy of the item may claim by the very ordinal by which this one renews. */
  #claimed(claim: NewClaim, expectedSeq: number, holdMs: number): Promise<HeldClaim | undefined> {
    const { hash, ordinal, for: item } = claim;
    return this.#taken.once({ hash, ordinal, item }, () => this.#appendClaim(claim, expectedSeq, holdMs));
  }

  async #appendClaim(claim: NewClaim, expectedSeq: number, holdMs: number): Promise<HeldClaim | undefined> {
    const { hash, ordinal, for: item, operation, right, task } = claim;
    const until = this.#log.clock.now() + holdMs;
    const data: EventData<'SoundClaimed'> = {
      hash,
      claim: ordinal,
      by: this.replica,
      until: new Date(until).toISOString(),
      for: item,
      operation,
      expired: right.expired,
      because: right.because,
      ...(task ? { lost: task } : {}),
      ...standingOf(right),
    };
    const seq = await this.#append('SoundClaimed', data, expectedSeq, claim);
    return seq === undefined ? undefined : { ...claim, seq, until };
  }

  /** Notes the task that was started. Nothing when the claim is no longer ours. */
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
   * Notes that the sound is paid and stored. Where the claim was taken over meanwhile, the audio counts all
   * the same; where the other one paid as well, both payments are in the log, the later one as `repaid`.
   * @returns the payment that stands
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
      const noted = await this.#samePayment(claim, data);
      if (noted) return noted;
      // The other one's may have a claim after it already.
      const stands = state.kind === 'paid' || (await this.past(claim.hash)).stands;
      paid = overtaken(paid, { stands, lastClaim: lastClaimOf(state) });
      seq = state.seq;
    }
  }

  /** What others have noted since of the very call or task that is ours, whoever has claimed the sound after it. */
  async #samePayment({ hash, seq }: HeldClaim, ours: PaidSound): Promise<PaidSound | undefined> {
    for await (const { event } of this.#log.read({ subjects: [subjects.sound(hash)], from: seq + 1 }))
      if (event?.name === 'SoundPaid' && isSamePayment(event.data, ours)) return event.data;
    return undefined;
  }

  /**
   * Gives the claim up, with the reason. Nothing to do where it was taken over meanwhile. What may have been billed
   * before stays so, with its reason, however many calls end without audio after it: the last event is all that the next
   * one reads.
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

  /** Ends a row of claims that ran out, so that whoever wants the sound later may begin anew. */
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

  /** Waits until more is said of a sound that another pays for, or its claim has run out. */
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
