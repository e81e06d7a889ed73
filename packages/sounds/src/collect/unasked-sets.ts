/**
 * The sets that were accepted or retried, and whose items have not all been requested yet: until then, nobody knows which
 * sounds they want.
 */
import type { EventOf, SetlistEvent } from '@setlist/contracts';

interface Asking {
  /** A byte for each item, since a request can be in the log twice. */
  readonly asked: Uint8Array;
  missing: number;
}

interface AskingAgain {
  readonly retry: EventOf<'SetRetried'>;
  readonly asked: Set<number>;
}

export class UnaskedSets {
  readonly #sets = new Map<string, Asking>();
  readonly #retries = new Map<string, AskingAgain>();

  /** Folds an event of a set; the set's acceptance or retry has to come before its requests. */
  fold(event: SetlistEvent | undefined): void {
    const setId = event?.setId;
    if (setId === undefined) return;
    if (event?.name === 'SetAccepted') {
      const { itemCount } = event.data;
      if (itemCount > 0) this.#sets.set(setId, { asked: new Uint8Array(itemCount), missing: itemCount });
    } else if (event?.name === 'SetRetried') {
      this.#retries.set(setId, { retry: event, asked: new Set() });
    } else if (event?.name === 'SetCompleted' || event?.name === 'SetCancelled') {
      this.#sets.delete(setId);
      this.#retries.delete(setId);
    } else if (event?.name === 'ItemRequested') {
      this.#ask(setId, event.data.index);
      this.#askAgain(setId, event);
    }
  }

  get isEmpty(): boolean {
    return this.#sets.size === 0 && this.#retries.size === 0;
  }

  ids(): string[] {
    return [...new Set([...this.#sets.keys(), ...this.#retries.keys()])];
  }

  #ask(setId: string, index: number): void {
    const set = this.#sets.get(setId);
    if (set === undefined || set.asked[index] !== 0) return;
    set.asked[index] = 1;
    if (--set.missing === 0) this.#sets.delete(setId);
  }

  /** Requests of earlier rounds can be stored again after a retry. */
  #askAgain(setId: string, { data, causationId }: EventOf<'ItemRequested'>): void {
    const again = this.#retries.get(setId);
    if (again === undefined || causationId !== again.retry.id) return;
    again.asked.add(data.index);
    if (again.asked.size >= again.retry.data.items) this.#retries.delete(setId);
  }
}
