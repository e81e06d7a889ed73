/** Wakes a loop that waits until there may be something to do. */

/** Remembers nothing: a loop looks for what there is to do before it waits, without a pause in between. */
export class Bell {
  #wake: () => void = () => undefined;

  ring(): void {
    this.#wake();
  }

  /** Resolves at the next ring. Only one loop can wait for it. */
  rung(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
