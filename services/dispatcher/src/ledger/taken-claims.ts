/**
 * The claims that this process took. A claim's id follows from the sound, the item and this replica, and the log takes
 * an id that it holds already for a repeat: an item that is here twice would hold one claim twice, and pay twice.
 */
import type { ItemAttempt } from '@setlist/contracts';

/** An item that is here twice is so for seconds; until then at least so many claims are remembered. */
const REMEMBERED = 20_000;

export class TakenClaims {
  readonly #names = new Set<string>();

  /**
   * Takes it by doing `claim`, which gives nothing where it could not be had; then, or where it throws, it may be taken
   * again. Nothing where it was taken before.
   */
  async once<T>(
    { hash, ordinal, item }: { hash: string; ordinal: number; item: ItemAttempt },
    claim: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const name = `${hash} ${ordinal} ${item.set} ${item.index} ${item.attempt}`;
    if (this.#names.has(name)) return undefined;
    this.#names.add(name);
    let taken: T | undefined;
    try {
      taken = await claim();
      return taken;
    } finally {
      if (taken === undefined) this.#names.delete(name);
      else this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#names;
    if (this.#names.size > REMEMBERED && oldest !== undefined) this.#names.delete(oldest);
  }
}
