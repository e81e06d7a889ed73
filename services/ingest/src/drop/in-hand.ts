/** Work in progress: started once, however often it is asked for. */

interface Deal {
  /** Whether nothing is left to be done. */
  readonly processed: Promise<boolean>;
  /** Resolves when it can take long: it has to wait for a retry, for example. */
  readonly putOff: Promise<void>;
}

export class InHand {
  readonly #deals = new Map<string, Deal>();

  /**
   * Starts the work of this name, unless it is in progress.
   * @param begin never rejects
   * @param onPutOff called when the work can take long, also if it was found out earlier
   */
  join(
    name: string,
    begin: (putOff: () => void) => Promise<boolean>,
    onPutOff?: () => void,
  ): Promise<boolean> {
    const { processed, putOff } = this.#deals.get(name) ?? this.#begin(name, begin);
    // A file that waits is joined again with every look: that must leave nothing behind.
    if (onPutOff) void putOff.then(onPutOff);
    return processed;
  }

  /** Resolves when all work that is in progress now has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#deals.values().map(({ processed }) => processed));
  }

  #begin(name: string, begin: (putOff: () => void) => Promise<boolean>): Deal {
    const { promise: putOff, resolve } = Promise.withResolvers<void>();
    const processed = begin(resolve).finally(() => this.#deals.delete(name));
    const deal = { processed, putOff };
    this.#deals.set(name, deal);
    return deal;
  }
}
