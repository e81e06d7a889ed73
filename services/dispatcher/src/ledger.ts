/** Who paid for which sound, as the log has it: every step is a compare-and-set on the sound's own subject. */
import {
  type EventData,
  type ItemAttempt,
  newEvent,
  type Reason,
  type SetlistEvent,
  subjects,
} from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type ClaimRight, type PaidSound, type SoundState, soundState } from './domain/sound-life.ts';

/** A claim of ours: the sequence that the next step names, and what it stands for. */
export interface HeldClaim {
  readonly hash: string;
  readonly ordinal: number;
  readonly seq: number;
  readonly for: ItemAttempt;
  readonly right: ClaimRight;
}

export interface ClaimTerms {
  readonly for: ItemAttempt;
  readonly operation: 'synthesize' | 'task';
  /** How long the claim holds, in ms. */
  readonly holdMs: number;
  /** The prefix under which a task of this claim would be found. */
  readonly keyPrefix?: string;
}

/** How many paid sounds are remembered, so that reuse costs no look at the log. */
const REMEMBERED = 20_000;

export class SoundLedger {
  readonly #log: EventLog;
  /** Name of this replica, as the log has it. */
  readonly replica: string;
  readonly #paid = new Map<string, SoundState & { kind: 'paid' }>();

  constructor(log: EventLog, replica: string) {
    this.#log = log;
    this.replica = replica;
  }

  /** Where a sound stands; a paid one may come from memory. */
  async read(hash: string): Promise<SoundState> {
    const known = this.#paid.get(hash);
    if (known) return known;
    return this.#remember(hash, soundState(await this.#log.last(subjects.sound(hash))));
  }

  /** Where a sound stands in the log, whatever is remembered. */
  async readAnew(hash: string): Promise<SoundState> {
    this.#paid.delete(hash);
    return this.read(hash);
  }

  #remember(hash: string, state: SoundState): SoundState {
    if (state.kind !== 'paid') return state;
    this.#paid.set(hash, state);
    if (this.#paid.size > REMEMBERED) {
      const [oldest] = this.#paid.keys();
      if (oldest !== undefined) this.#paid.delete(oldest);
    }
    return state;
  }

  /** Claims the sound, or nothing where somebody else was quicker. */
  async claim(hash: string, right: ClaimRight, terms: ClaimTerms): Promise<HeldClaim | undefined> {
    const lost = right.lost ?? (terms.keyPrefix === undefined ? undefined : { keyPrefix: terms.keyPrefix });
    const data: EventData<'SoundClaimed'> = {
      hash,
      claim: right.ordinal,
      by: this.replica,
      until: this.#untilFromNow(terms.holdMs),
      for: terms.for,
      operation: terms.operation,
      expired: right.expired,
      because: right.because,
      ...(lost ? { lost } : {}),
    };
    const appended = await this.#append('SoundClaimed', data, right.expectedSeq, terms.for);
    if (appended === undefined) return undefined;
    this.#paid.delete(hash);
    return { hash, ordinal: right.ordinal, seq: appended, for: terms.for, right };
  }

  /** Notes the task that was started. Nothing when the claim is no longer ours. */
  async taskStarted(
    claim: HeldClaim,
    task: { taskId: string; keyPrefix: string; holdMs: number },
  ): Promise<HeldClaim | undefined> {
    const { hash, ordinal, for: item } = claim;
    const { taskId, keyPrefix, holdMs } = task;
    const data = {
      hash,
      claim: ordinal,
      by: this.replica,
      until: this.#untilFromNow(holdMs),
      for: item,
      expired: claim.right.expired,
      taskId,
      keyPrefix,
    };
    const seq = await this.#append('SoundTaskStarted', data, claim.seq, item);
    return seq === undefined ? undefined : { ...claim, seq };
  }

  /**
   * Notes that the sound is paid and stored. Where the claim was taken over meanwhile, the audio counts all
   * the same, unless the other one was first.
   * @returns whose payment stands
   */
  async paid(claim: HeldClaim, data: PaidSound): Promise<{ ours: boolean; paid: PaidSound }> {
    for (let seq = claim.seq; ; ) {
      const stored = await this.#append('SoundPaid', data, seq, claim.for);
      if (stored !== undefined) {
        this.#remember(claim.hash, { kind: 'paid', seq: stored, paid: data });
        return { ours: true, paid: data };
      }
      const state = await this.readAnew(claim.hash);
      if (state.kind === 'paid') return { ours: false, paid: state.paid };
      seq = state.seq;
    }
  }

  /** Gives the claim up, with the reason. Nothing to do where it was taken over meanwhile. */
  async freed(claim: HeldClaim, reason: Reason, billed: boolean): Promise<void> {
    const { hash, ordinal } = claim;
    const data = { hash, claim: ordinal, by: this.replica, reason, billed };
    await this.#append('SoundFreed', data, claim.seq, claim.for);
  }

  /** Waits until something is said of the sound, or until then (broker's clock, ms). */
  async changed(hash: string, until: number, signal: AbortSignal): Promise<void> {
    const longestMs = Math.max(1, Math.min(until - this.#log.clock.now() + 5, 5_000));
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        hint[Symbol.dispose]();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, longestMs);
      const hint = this.#log.onHint(subjects.sound(hash), done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #untilFromNow(holdMs: number): string {
    return new Date(this.#log.clock.now() + holdMs).toISOString();
  }

  async #append<N extends 'SoundClaimed' | 'SoundTaskStarted' | 'SoundPaid' | 'SoundFreed'>(
    name: N,
    data: EventData<N>,
    lastSeq: number,
    item: ItemAttempt,
  ): Promise<number | undefined> {
    const context = {
      source: 'dispatcher',
      now: new Date(this.#log.clock.now()),
      correlationId: item.set,
    } as const;
    const event = newEvent(name, data, context) as SetlistEvent;
    const appended = await this.#log.append(event, { lastSeq });
    return appended.kind === 'stored' ? appended.seq : undefined;
  }
}
