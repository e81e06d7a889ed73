/** The items of one set and lane that could be paid now: by calls from the front, by tasks from the back. */
import type { Operation } from '@setlist/polly';
import type { ClaimRight } from '@setlist/sounds';
import { fitsTask, type Item, needsTask } from '../settle/item.ts';

export interface Payable {
  readonly item: Item;
  readonly right: ClaimRight;
}

interface Waiting extends Payable {
  /** By `performance.now()`, in ms. */
  readonly since: number;
}

export class Payables {
  readonly #calls: Waiting[] = [];
  readonly #tasks: Payable[] = [];
  readonly #mayDoTasks: boolean;
  #either = 0;

  /** @param mayDoTasks whether tasks can be run here */
  constructor(mayDoTasks: boolean) {
    this.#mayDoTasks = mayDoTasks;
  }

  push(payable: Payable): void {
    this.#add(payable, (list) => list.length);
  }

  /** Returns what was taken, before those that were requested later. */
  putBack(payable: Payable): void {
    const { seq } = payable.item.work.record;
    this.#add(payable, (list) => {
      const at = list.findIndex(({ item }) => item.work.record.seq > seq);
      return at < 0 ? list.length : at;
    });
  }

  /** A task's turn looks for a lost task, whatever the text's length; without tasks here, the item needs a call. */
  #add(payable: Payable, placeIn: (list: readonly Payable[]) => number): void {
    const { item, right } = payable;
    const isLost = right.lost !== undefined && item.only !== 'synthesize' && this.#mayDoTasks;
    if (needsTask(item) || isLost) {
      this.#tasks.splice(placeIn(this.#tasks), 0, payable);
      return;
    }
    this.#calls.splice(placeIn(this.#calls), 0, { since: performance.now(), ...payable });
    if (this.#isEither(item)) this.#either++;
  }

  /** Whether a task may do an item meant for a call: the set must allow both. */
  #isEither(item: Item): boolean {
    return this.#mayDoTasks && item.terms.bothPaths && item.only === undefined && fitsTask(item);
  }

  count(operation: Operation): number {
    return operation === 'task' ? this.#tasks.length : this.#calls.length;
  }

  /** How long the first item that waits for a call has waited, in ms. */
  get waitedMs(): number {
    const [first] = this.#calls;
    return first === undefined ? 0 : performance.now() - first.since;
  }

  /** How many of the items that wait for a call a task could do. */
  get either(): number {
    return this.#either;
  }

  /** The next item to pay by an operation; without one of its own, a task takes one that waits for a call. */
  next(operation: Operation): Payable | undefined {
    if (operation === 'task') return this.#tasks.shift() ?? this.#takeEither();
    const next = this.#calls.shift();
    if (next && this.#isEither(next.item)) this.#either--;
    return next;
  }

  /** Takes an item for a task from the back of those that wait for a call, so that calls keep their order. */
  #takeEither(): Payable | undefined {
    const at = this.#calls.findLastIndex(({ item }) => this.#isEither(item));
    if (at < 0) return undefined;
    this.#either--;
    return this.#calls.splice(at, 1)[0];
  }

  takeAll(): Payable[] {
    this.#either = 0;
    return [...this.#calls.splice(0), ...this.#tasks.splice(0)];
  }
}
