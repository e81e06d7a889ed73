/** One set's work in one lane, on its way through this replica: taken, resolved, ready to be paid, or waiting. */

import { isConsumerMissing, type Lane, type LaneReader, type Recorded, type Work } from '@setlist/eventlog';
import type { Operation } from '@setlist/polly';
import { sleep } from '@setlist/runtime';
import type { ClaimRight } from '../domain/sound-life.ts';
import { type Desk, type Item, itemOf } from '../settle/desk.ts';
import { resolve } from '../settle/resolve.ts';
import { isUnexpected, setAside } from './set-aside.ts';

export interface SourceOptions {
  readonly at: Lane;
  readonly output: string;
  /** How many pieces are taken ahead of being paid. */
  readonly ahead: number;
  readonly ackWaitMs: number;
  /** Called when something became payable. */
  readonly onPayable: () => void;
}

interface Payable {
  readonly item: Item;
  readonly right: ClaimRight;
}

const TAKE_WAIT_MS = 5_000;
/** Items that wait for another's payment may pile up this far before no more work is taken. */
const WAITING_FACTOR = 16;

export class LaneSource {
  readonly options: SourceOptions;
  readonly #desk: Desk;
  readonly #reader: LaneReader;
  readonly #held = new Set<Item>();
  readonly #payable: Record<Operation, Payable[]> = { synthesize: [], task: [] };
  readonly #stopped = new AbortController();
  #paused = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;

  constructor(desk: Desk, reader: LaneReader, options: SourceOptions) {
    this.#desk = desk;
    this.#reader = reader;
    this.options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes nothing further; what is under way ends. What is only held is given back. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake();
    for (const queue of Object.values(this.#payable)) {
      for (const { item } of queue.splice(0)) this.#release(item, 'give-back');
    }
    await this.#running;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.#wake();
    if (!paused) this.options.onPayable();
  }

  has(operation: Operation): boolean {
    return !this.#paused && this.#payable[operation].length > 0;
  }

  next(operation: Operation): Payable | undefined {
    const payable = this.#payable[operation].shift();
    this.#wake();
    return payable;
  }

  /** Looks at an item (again): settles it, or finds that it has to be paid. */
  async look(item: Item, afterMs = 0): Promise<void> {
    try {
      if (afterMs > 0) await sleep(afterMs, this.#stopped.signal);
      const resolved = await resolve(this.#desk, item);
      if (resolved.kind === 'settled') return this.#release(item, 'settled');
      if (this.#stopped.signal.aborted) return this.#release(item, 'give-back');
      this.#payable[item.request.operation].push({ item, right: resolved.right });
      this.options.onPayable();
    } catch (error) {
      await this.trouble(item, error);
    }
  }

  /** Ends what a mistake of ours, or a stop, left open: handed out again, or given up after several times. */
  async trouble(item: Item, error: unknown): Promise<void> {
    const settled = isUnexpected(error) && (await setAside(this.#desk, item, error));
    this.#release(item, settled ? 'settled' : 'give-back');
  }

  /** The item has its outcome. */
  settled(item: Item): void {
    this.#release(item, 'settled');
  }

  #release(item: Item, how: 'settled' | 'give-back'): void {
    if (!this.#held.delete(item)) return;
    if (how === 'give-back') item.work.giveBack(this.#stopped.signal.aborted ? 0 : 1_000);
    this.#wake();
  }

  /** Those that hold up nobody are waiting for somebody else's payment, or for a later try. */
  #room(): number {
    const { ahead } = this.options;
    const payable = this.#payable.synthesize.length + this.#payable.task.length;
    return Math.min(ahead - payable, ahead * WAITING_FACTOR - this.#held.size);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const alive = setInterval(() => {
      for (const item of this.#held) item.work.alive();
    }, this.options.ackWaitMs / 3);
    try {
      while (!signal.aborted) {
        const room = this.#room();
        if (this.#paused || room < this.options.ahead / 2) await this.#woken();
        else await this.#take(room);
      }
    } finally {
      // What is under way still needs its signs of life; it is unreferenced when nothing is held.
      await this.#drained();
      clearInterval(alive);
    }
  }

  async #take(room: number): Promise<void> {
    const { signal } = this.#stopped;
    try {
      const onUnreadable = (record: Recorded): void => this.#unreadable(record);
      for await (const work of this.#reader.take({ max: room, waitMs: TAKE_WAIT_MS, onUnreadable, signal })) {
        this.#begin(work);
      }
    } catch (error) {
      if (signal.aborted) return;
      // The lane is gone when its set has ended; whoever follows the sets will stop this source.
      if (!isConsumerMissing(error))
        this.#desk.logger.warn({ ...this.options.at, err: error }, 'taking work failed');
      await sleep(250, signal).catch(() => undefined);
    }
  }

  #begin(work: Work): void {
    const item = itemOf(work, this.options.output);
    this.#held.add(item);
    void this.look(item);
  }

  #unreadable(record: Recorded): void {
    const { seq, subject, problem } = record;
    this.#desk.logger.error({ seq, subject, problem }, 'a request that cannot be read is passed over');
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #drained(): Promise<void> {
    while (this.#held.size > 0) await this.#woken();
  }
}
