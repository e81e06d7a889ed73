/** Which sounds of a set are taken for new, and so claimed without a look at the log: the claim holds for new ones alone. */
import type { Item } from '../settle/item.ts';

/** Where items wait for longer than this until they are called for, each is looked at first: reuse waits for no call. */
const SHORT_WAIT_MS = 1_000;

export class NewSounds {
  /** Whether the last sound of the set was new: the next one most likely is too. */
  #metNew = false;
  readonly #taken = new WeakSet<Item>();

  /**
   * Whether the item's sound may be taken for new, which it is once. Where that was wrong, the item comes again, and
   * those after it are looked at until a new one is met.
   * @param waitedMs how long the item that is next has waited to be called for
   */
  take(item: Item, waitedMs: number): boolean {
    if (this.#taken.has(item)) {
      this.#metNew = false;
      return false;
    }
    const mayBe = this.#metNew && item.work.deliveries === 1 && item.tries === 0;
    if (!mayBe || waitedMs > SHORT_WAIT_MS) return false;
    this.#taken.add(item);
    return true;
  }

  /** Notes whether a sound was new. */
  met(isNew: boolean): void {
    this.#metNew = isNew;
  }
}
