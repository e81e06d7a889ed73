/** Holds a claim for as long as its holder lives: a full disk or a long task must not look like a death. */
import type { HeldClaim } from './held-claim.ts';
import type { SoundLedger } from './sound-ledger.ts';

export interface TenureOptions {
  /** How long the claim holds without a renewal, in ms. */
  readonly holdMs: number;
  /** A renewal failed; the claim may run out and be taken over, which costs at most one more payment. */
  readonly onFailed: (error: unknown) => void;
}

/** Renews at half of the claim's time, until ended. */
export class Tenure {
  readonly #ledger: SoundLedger;
  readonly #options: TenureOptions;
  readonly #timer: NodeJS.Timeout;
  /** Whether something may have been begun under it that is billed. */
  isUsed = false;
  #claim: HeldClaim;
  #isLost = false;
  #step: Promise<void> = Promise.resolve();

  constructor(ledger: SoundLedger, claim: HeldClaim, options: TenureOptions) {
    this.#ledger = ledger;
    this.#claim = claim;
    this.#options = options;
    this.#timer = setInterval(() => this.#renew(options.holdMs), options.holdMs / 2);
  }

  /**
   * Whether the claim is still ours and will hold for so long, renewed where it must be.
   * @param surely asks the log, whatever is known here: where another may have been slow rather than dead
   */
  async holds(forMs: number, surely: boolean): Promise<boolean> {
    await this.#step;
    if (this.#isLost) return false;
    const before = this.#claim;
    if (!surely && this.#ledger.msLeft(before) >= forMs) return true;
    this.#renew(this.#options.holdMs);
    await this.#step;
    // A renewal that failed, or came too late, left the claim as it was.
    return this.#claim !== before && this.#ledger.msLeft(this.#claim) >= forMs;
  }

  /** Notes the task that was started. Where the claim was taken over meanwhile, the other adopts this very task. */
  async taskStarted(task: { taskId: string; keyPrefix: string }): Promise<void> {
    this.isUsed = true;
    const note = async (): Promise<void> => {
      const noted = await this.#ledger.taskStarted(this.#claim, { ...task, holdMs: this.#options.holdMs });
      this.#claim = { ...(noted ?? this.#claim), task };
    };
    const noting = this.#step.then(note);
    // A renewal waits for it, and then goes on from whatever stands; the failure itself is the caller's.
    this.#step = noting.catch(() => undefined);
    await noting;
  }

  /** Renews no more. @returns the claim as it stands, for its last step */
  async end(): Promise<HeldClaim> {
    clearInterval(this.#timer);
    await this.#step;
    return this.#claim;
  }

  /**
   * Ends by letting anybody take over at once, who will find the task, or what an earlier claim left. A claim that holds
   * for no time at all does not count among those that ran out.
   */
  async handOver(): Promise<void> {
    await this.end();
    this.#renew(0);
    await this.#step;
  }

  #renew(holdMs: number): void {
    const renew = async (): Promise<void> => {
      const renewed = await this.#ledger.renew(this.#claim, holdMs);
      if (renewed) this.#claim = renewed;
      else this.#isLost = true;
      if (this.#isLost) clearInterval(this.#timer);
    };
    this.#step = this.#step.then(renew).catch(this.#options.onFailed);
  }
}
