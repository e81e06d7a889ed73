/** The accepted sets that ingest has not requested in full yet: until then, nobody knows which sounds they want. */
import type { SetlistEvent } from '@setlist/contracts';

interface Asking {
  /** A byte for each item, since a request can be in the log twice. */
  readonly asked: Uint8Array;
  missing: number;
}

export class UnaskedSets {
  readonly #sets = new Map<string, Asking>();

  /** Folds an event of a set; the set's acceptance has to come before its requests. */
  fold(event: SetlistEvent | undefined): void {
    const setId = event?.setId;
    if (setId === undefined) return;
    if (event?.name === 'SetAccepted') {
      const { itemCount } = event.data;
      if (itemCount > 0) this.#sets.set(setId, { asked: new Uint8Array(itemCount), missing: itemCount });
    } else if (event?.name === 'SetCompleted' || event?.name === 'SetCancelled') this.#sets.delete(setId);
    else if (event?.name === 'ItemRequested') this.#ask(setId, event.data.index);
  }

  get isEmpty(): boolean {
    return this.#sets.size === 0;
  }

  ids(): string[] {
    return [...this.#sets.keys()];
  }

  #ask(setId: string, index: number): void {
    const set = this.#sets.get(setId);
    if (set === undefined || set.asked[index] !== 0) return;
    set.asked[index] = 1;
    if (--set.missing === 0) this.#sets.delete(setId);
  }
}
