/** One set's items in one lane, on their way through this replica: taken, resolved, ready to be paid, or waiting. */
import type { Lane, LaneReader, Work } from '@setlist/eventlog';
import type { Operation } from '@setlist/polly';
import { sleep } from '@setlist/runtime';
import { isUnexpected } from '../adapters/failures.ts';
import { Bell } from '../bell.ts';
import { roomFor } from '../domain/ahead.ts';
import { lexiconsChecked } from '../settle/check-lexicons.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { type Item, type ItemTerms, isPastDeadline, itemOf } from '../settle/item.ts';
import { resolve } from '../settle/resolve.ts';
import { NewSounds } from './new-sounds.ts';
import { type Payable, Payables } from './payables.ts';
import { setAside } from './set-aside.ts';
import { takeWork } from './take-work.ts';
import { Untaken } from './untaken.ts';
import { untilTime } from './until-time.ts';

export interface SourceOptions {
  readonly at: Lane;
  /** How many items ingest requests of the lane; 0 if unknown. */
  readonly items: number;
  readonly terms: ItemTerms;
  /** Whether tasks can be run for this set's provider here. */
  readonly mayDoTasks: boolean;
  /** How many items to take before they are paid; changes over time. */
  readonly ahead: () => number;
  readonly ackWaitMs: number;
  /** Called when something became payable. */
  readonly onPayable: () => void;
}

const GIVE_BACK_MS = 1_000;

export class LaneSource {
  readonly options: SourceOptions;
  readonly #deps: SettleDeps;
  readonly #reader: LaneReader;
  /** By the request's id: after a power cut, the log can have another request in its place. */
  readonly #held = new Map<string, Item>();
  /** The held items that are being paid or waiting: they hold up no items behind them. */
  readonly #aside = new Set<Item>();
  readonly #payables: Payables;
  readonly #newSounds = new NewSounds();
  /** How often each request met an unexpected error, by its id. */
  readonly #troubles = new Map<string, number>();
  readonly #stopped = new AbortController();
  /** Aborts when this source stops or the service drains. */
  readonly #ending: AbortSignal;
  #paused = false;
  /** How many items have been settled here. */
  #settled = 0;
  readonly #untaken: Untaken;
  readonly #bell = new Bell();
  #running: Promise<void> | undefined;

  constructor(deps: SettleDeps, reader: LaneReader, options: SourceOptions) {
    this.#deps = deps;
    this.#reader = reader;
    this.options = options;
    this.#payables = new Payables(options.mayDoTasks);
    this.#ending = AbortSignal.any([deps.draining, this.#stopped.signal]);
    this.#untaken = new Untaken(deps, reader, options, () => this.either() > 0);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes nothing more, gives back items not yet in progress, and waits for those in progress. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.#bell.ring();
    if (paused) return;
    this.#sweepAtDeadline();
    this.options.onPayable();
  }

  /** Whether its items should be paid now. */
  get goesOn(): boolean {
    return !this.#paused && !this.#ending.aborted;
  }

  /** How many items could be paid now. */
  backlog(operation: Operation): number {
    return this.#paused ? 0 : this.#payables.count(operation);
  }

  /** How many of the items that wait for a call could use a task instead. */
  either(): number {
    return this.#paused ? 0 : this.#payables.either;
  }

  /** How many items of this set wait for a call here, and how many no replica has taken yet. */
  waiting(): { here: number; untaken: number } {
    return { here: this.#payables.count('synthesize'), untaken: this.#untaken.count };
  }

  /** The next item to pay by an operation; a task can also take one that waits for a call. */
  next(operation: Operation): Payable | undefined {
    const payable = this.#payables.next(operation);
    if (payable) this.#aside.add(payable.item);
    payable?.item.admission?.end();
    this.#bell.ring();
    return payable;
  }

  /** Resolves an item, for the first time or again: settles it, or finds that it has to be paid. */
  async look(item: Item, afterMs = 0): Promise<void> {
    try {
      this.#isAside(item, true);
      if (afterMs > 0) await sleep(afterMs, this.#ending);
      this.#isAside(item, false);
      const resolved = await resolve(this.#deps, item, {
        signal: this.#ending,
        onWaiting: (waits) => this.#isAside(item, waits),
        isTakenForNew: this.#newSounds.take(item, this.#payables.waitedMs),
        isPaused: () => this.#paused,
      });
      this.#newSounds.met(resolved.kind === 'payable' && resolved.right.because === 'new');
      if (resolved.kind === 'settled') return this.#release(item, 'settled');
      if (this.#ending.aborted) return this.#release(item, 'give-back');
      this.#payables.push(this.#awaitsAdmission({ item, right: resolved.right }));
      this.options.onPayable();
    } catch (error) {
      await this.trouble(item, error);
    }
  }

  #awaitsAdmission(payable: Payable): Payable {
    payable.item.admission = payable.item.step.within('wait for admission');
    return payable;
  }

  /** Looks up an item's lexicons again at its turn. It keeps its place, and counts as waiting for a call. */
  async checkAgain(payable: Payable): Promise<void> {
    const { item } = payable;
    try {
      this.#isAside(item, false);
      await lexiconsChecked(this.#deps, item, this.#ending, { atItsTurn: true });
      if (this.#ending.aborted) return this.#release(item, 'give-back');
      if (!this.#paused && isPastDeadline(this.#deps, item)) return await this.look(item);
      this.#payables.putBack(this.#awaitsAdmission(payable));
      this.options.onPayable();
    } catch (error) {
      await this.trouble(item, error);
    }
  }

  /** Ends an item after a stop or an unexpected error: it is redelivered, or given up after several errors. */
  async trouble(item: Item, error: unknown): Promise<void> {
    if (!isUnexpected(error)) return this.#release(item, 'give-back');
    const { id } = item.work.record.event;
    const troubles = (this.#troubles.get(id) ?? 0) + 1;
    this.#troubles.set(id, troubles);
    const settled = await setAside(this.#deps, item, troubles, error);
    this.#release(item, settled ? 'settled' : 'give-back');
  }

  /** To be called when the item has its outcome. */
  settled(item: Item): void {
    this.#release(item, 'settled');
  }

  #isAside(item: Item, aside: boolean): void {
    if (aside) this.#aside.add(item);
    else this.#aside.delete(item);
    this.#bell.ring();
  }

  #release(item: Item, how: 'settled' | 'give-back'): void {
    this.#aside.delete(item);
    item.admission?.end();
    item.step.end(how === 'settled' ? undefined : 'given-back');
    if (!this.#held.delete(item.work.record.event.id)) return;
    if (how === 'settled') {
      this.#settled++;
      this.#troubles.delete(item.work.record.event.id);
    } else item.work.giveBack(this.#ending.aborted ? 0 : GIVE_BACK_MS);
    this.#bell.ring();
  }

  #room(): number {
    const queued = this.#held.size - this.#aside.size - this.#payables.count('task');
    return roomFor({ ahead: this.options.ahead(), settled: this.#settled, held: this.#held.size, queued });
  }

  async #run(): Promise<void> {
    this.#ending.addEventListener('abort', () => this.#bell.ring(), { once: true });
    void this.#watchDeadline();
    const alive = setInterval(() => {
      for (const item of this.#held.values()) item.work.alive();
    }, this.options.ackWaitMs / 3);
    const { at } = this.options;
    const signal = this.#ending;
    try {
      while (!signal.aborted) {
        const room = this.#room();
        if (this.#paused || room === 0) await this.#bell.rung();
        else await takeWork(this.#deps, this.#reader, { at, max: room, signal }, (work) => this.#begin(work));
      }
      for (const { item } of this.#payables.takeAll()) this.#release(item, 'give-back');
      // Items in progress still need their signs of life.
      while (this.#held.size > 0) await this.#bell.rung();
    } finally {
      clearInterval(alive);
      this.#untaken[Symbol.dispose]();
    }
  }

  #begin(work: Work): void {
    this.#untaken.seen(work);
    const known = this.#held.get(work.record.event.id);
    if (known) {
      // A killed broker forgets its deliveries: the item continues, and is acknowledged through the redelivery.
      known.work = work;
      return;
    }
    const item = itemOf(work, this.options.terms);
    this.#held.set(work.record.event.id, item);
    void this.look(item);
  }

  /** At the deadline, items that wait for quota are resolved once more: only those that may find paid audio go on. */
  async #watchDeadline(): Promise<void> {
    const { deadline = Number.POSITIVE_INFINITY } = this.options.terms;
    await untilTime(this.#deps.log.clock, deadline, this.#ending);
    if (!this.#ending.aborted) this.#sweepAtDeadline();
  }

  #sweepAtDeadline(): void {
    const { deadline } = this.options.terms;
    if (this.#paused || deadline === undefined || deadline > this.#deps.log.clock.now()) return;
    for (const { item } of this.#payables.takeAll()) {
      item.admission?.end();
      void this.look(item);
    }
  }
}
