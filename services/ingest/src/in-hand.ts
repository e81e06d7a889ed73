/** What is being dealt with: begun once, however often it is heard of. */

interface Deal {
  /** Whether nothing is left to be done. */
  readonly settled: Promise<boolean>;
  /** Resolves when it has to wait for another try. */
  readonly putOff: Promise<void>;
}

export class InHand {
  readonly #deals = new Map<string, Deal>();

  /**
   * Begins with what has this name, unless it is in hand.
   * @param begin never rejects
   * @param onPutOff told when it has to wait for another try, also where it does already
   */
  join(
    name: string,
    begin: (putOff: () => void) => Promise<boolean>,
    onPutOff: () => void = () => undefined,
  ): Promise<boolean> {
    const { settled, putOff } = this.#deals.get(name) ?? this.#begin(name, begin);
    void putOff.then(onPutOff);
    return settled;
  }

  /** Resolves when nothing is in hand any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#deals.values().map(({ settled }) => settled));
  }

  #begin(name: string, begin: (putOff: () => void) => Promise<boolean>): Deal {
    const { promise: putOff, resolve } = Promise.withResolvers<void>();
    const settled = begin(resolve).finally(() => this.#deals.delete(name));
    const deal = { settled, putOff };
    this.#deals.set(name, deal);
    return deal;
  }
}
