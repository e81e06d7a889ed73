/** Limits how many of something each caller holds at a time. */
import type { HttpProblem } from './problem.ts';

export class PerCaller {
  readonly #most: number;
  readonly #refusal: () => HttpProblem;
  readonly #byCaller = new Map<string, number>();

  /** @param refusal thrown at a caller that already has `most` */
  constructor(most: number, refusal: () => HttpProblem) {
    this.#most = most;
    this.#refusal = refusal;
  }

  /** Counts one more until disposed. Throws the refusal if the caller is at the limit. */
  take(caller: string): Disposable {
    const held = this.#byCaller.get(caller) ?? 0;
    if (held >= this.#most) throw this.#refusal();
    this.#byCaller.set(caller, held + 1);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#giveBack(caller);
        isHeld = false;
      },
    };
  }

  #giveBack(caller: string): void {
    const left = (this.#byCaller.get(caller) ?? 0) - 1;
    if (left > 0) this.#byCaller.set(caller, left);
    else this.#byCaller.delete(caller);
  }
}
