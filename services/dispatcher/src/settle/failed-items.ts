/** Logs which items failed, and why: one warning per reason and set, since one cause can fail all items of a set. */
import type { EventData, ItemAttempt } from '@setlist/contracts';
import { type Logger, RecentMap } from '@setlist/runtime';

/** How many reasons are remembered: one that was forgotten is warned of again. */
const REMEMBERED = 10_000;

export class FailedItems {
  readonly #logger: Logger;
  readonly #warned = new RecentMap<string, true>(REMEMBERED);

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Call it once for each stored failure. The reason's message is not logged: a provider's may quote the phrase. */
  failed(item: ItemAttempt, { code, remedy, tries }: EventData<'ItemFailed'>): void {
    // A retry of the set is warned of anew.
    const reason = `${item.set} ${item.attempt} ${code}`;
    const isKnown = this.#warned.has(reason);
    this.#warned.set(reason, true);
    const facts = { ...item, code, tries, remedy };
    if (isKnown) this.#logger.debug(facts, 'item failed');
    else {
      const first = `an item of ${item.set} failed with ${code}; others with this code are only counted`;
      this.#logger.warn({ event: 'item-failed', ...facts }, first);
    }
  }
}
