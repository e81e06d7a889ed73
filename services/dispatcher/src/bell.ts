/** Wakes a loop that waits until there may be something to do. */
import { settlesWithin } from '@setlist/runtime';

/** Remembers a ring, so that none is missed between two waits. Only one loop can wait for it. */
export class Bell {
  #rang = Promise.withResolvers<void>();

  ring(): void {
    this.#rang.resolve();
  }

  /** Resolves once it has rung since the last wait. */
  async rung(): Promise<void> {
    await this.#rang.promise;
    this.#rang = Promise.withResolvers();
  }

  /** Waits for a ring. @returns whether it rang within `ms` */
  async rungWithin(ms: number): Promise<boolean> {
    const rang = await settlesWithin(ms, this.#rang.promise);
    if (rang) await this.rung();
    return rang;
  }
}
