/** How many of something each caller has at a time: what each of them holds is bounded by it. */
import type { HttpProblem } from './problem.ts';

export class PerCaller {
  readonly #most: number;
  readonly #refusal: () => HttpProblem;
  readonly #byCaller = new Map<string, number>();

  /** @param refusal what a caller is told who has `most` */
  constructor(most: number, refusal: () => HttpProblem) {
    this.#most = most;
    this.#refusal = refusal;
  }

  /** Counts one more until it is disposed of. Throws the refusal where the caller has enough. */
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
