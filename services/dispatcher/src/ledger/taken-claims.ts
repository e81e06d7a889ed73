/**
 * The claims that this process has taken. A claim's id derives from the sound, the item and this replica, and the log
 * deduplicates by id: without this, two copies of an item here would hold the same claim, and pay twice.
 */
import type { ItemAttempt } from '@setlist/contracts';
import { RecentMap } from '@setlist/runtime';

/** How many claims are remembered: two copies of an item are here at once only for seconds. */
const REMEMBERED = 20_000;

export class TakenClaims {
  readonly #names = new RecentMap<string, true>(REMEMBERED);

  /**
   * Takes a claim by calling `claim`. If that throws, or returns undefined because the claim was refused, the claim can
   * be tried again.
   * @returns undefined if the claim was refused, or taken here before
   */
  async once<T>(
    { hash, ordinal, item }: { hash: string; ordinal: number; item: ItemAttempt },
    claim: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const name = `${hash} ${ordinal} ${item.set} ${item.index} ${item.attempt}`;
    if (this.#names.has(name)) return undefined;
    this.#names.set(name, true);
    let taken: T | undefined;
    try {
      taken = await claim();
      return taken;
    } finally {
      if (taken === undefined) this.#names.delete(name);
    }
  }
}
