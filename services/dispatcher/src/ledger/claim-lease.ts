/** Keeps a claim for as long as its holder lives: a full disk or a long task must not look like a crash. */
import type { HeldClaim } from './held-claim.ts';
import type { SoundLedger } from './sound-ledger.ts';

export interface ClaimLeaseOptions {
  /** How long the claim holds without a renewal, in ms. */
  readonly holdMs: number;
  /** Called when a renewal failed: the claim may expire and be taken over, which costs at most one more payment. */
  readonly onFailed: (error: unknown) => void;
}

/** Renews the claim every half of `holdMs`, until ended. */
export class ClaimLease {
  readonly #ledger: SoundLedger;
  readonly #options: ClaimLeaseOptions;
  readonly #timer: NodeJS.Timeout;
  /** Whether something that is billed may have been started under the claim. */
  isUsed = false;
  #claim: HeldClaim;
  #isLost = false;
  #step: Promise<void> = Promise.resolve();

  constructor(ledger: SoundLedger, claim: HeldClaim, options: ClaimLeaseOptions) {
    this.#ledger = ledger;
    this.#claim = claim;
    this.#options = options;
    this.#timer = setInterval(() => this.#renew(options.holdMs), options.holdMs / 2);
  }

  /**
   * Whether the claim is still ours and holds for `forMs`; renews it if necessary.
   * @param surely always renews, and so asks the log: for cases where another holder may be slow rather than dead
   */
  async holds(forMs: number, surely: boolean): Promise<boolean> {
    await this.#step;
    if (this.#isLost) return false;
    const before = this.#claim;
    if (!surely && this.#ledger.msLeft(before) >= forMs) return true;
    this.#renew(this.#options.holdMs);
    await this.#step;
    // A renewal that failed or came too late left the claim unchanged.
    return this.#claim !== before && this.#ledger.msLeft(this.#claim) >= forMs;
  }

  /** Notes the task that was started. If the claim was taken over meanwhile, the new holder adopts this task. */
  async taskStarted(task: { taskId: string; keyPrefix: string }): Promise<void> {
    this.isUsed = true;
    const note = async (): Promise<void> => {
      const noted = await this.#ledger.taskStarted(this.#claim, { ...task, holdMs: this.#options.holdMs });
      this.#claim = { ...(noted ?? this.#claim), task };
    };
    const noting = this.#step.then(note);
    // The next renewal waits for this, and continues from the result; the caller gets the failure.
    this.#step = noting.catch(() => undefined);
    await noting;
  }

  /** Stops renewing. @returns the current claim, for its last step */
  async end(): Promise<HeldClaim> {
    clearInterval(this.#timer);
    await this.#step;
    return this.#claim;
  }

  /**
   * Ends by letting anyone take over at once, and find the task or what an earlier claim left behind. A claim that
   * holds for 0 ms does not count as expired.
   */
  async handOver(): Promise<void> {
    await this.end();
    if (!this.isUsed) this.#claim = { ...this.#claim, isUnused: true };
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
