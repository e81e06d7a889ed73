/** Which sounds are assumed to be new and claimed without reading the log: such a claim succeeds only for new ones. */
import type { Item } from '../settle/item.ts';

/** The longest wait for a call, in ms, at which sounds are assumed to be new: a known sound needn't wait for a call. */
const SHORT_WAIT_MS = 1_000;

export class NewSounds {
  /** Whether the set's last sound was new: then the next most likely is too. */
  #metNew = false;
  readonly #taken = new WeakSet<Item>();

  /**
   * Whether to assume that the item's sound is new: at most once per item. If that was wrong, the item comes back, and
   * those after it are looked up until one is new.
   * @param waitedMs how long the next item has waited for its call
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

  met(isNew: boolean): void {
    this.#metNew = isNew;
  }
}
