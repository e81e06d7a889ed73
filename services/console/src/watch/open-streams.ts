/** How many live streams each caller has open: each holds a connection for as long as somebody watches, so they are bounded. */
import { HttpProblem } from '../http/problem.ts';

/** More than anybody looks at: a tab has one, and lets it go a minute after it was looked at last. */
export const MOST_STREAMS = 100;

export class OpenStreams {
  readonly #byCaller = new Map<string, number>();

  /** Counts one more until it is disposed of, once. Throws an {@link HttpProblem} where the caller has enough. */
  take(caller: string): Disposable {
    const open = this.#byCaller.get(caller) ?? 0;
    if (open >= MOST_STREAMS) throw tooMany();
    this.#byCaller.set(caller, open + 1);
    return { [Symbol.dispose]: () => this.#giveBack(caller) };
  }

  #giveBack(caller: string): void {
    const left = (this.#byCaller.get(caller) ?? 0) - 1;
    if (left > 0) this.#byCaller.set(caller, left);
    else this.#byCaller.delete(caller);
  }
}

const tooMany = (): HttpProblem =>
  new HttpProblem(429, {
    code: 'too-many-streams',
    detail: `one caller may have ${MOST_STREAMS} live streams open at a time`,
    remedy: 'Close one that nobody watches any more, then come back.',
    headers: { 'retry-after': '5' },
  });
