/** Pays with one operation of one engine: whenever the gate admits a call, the next set in fair order gets it. */
import type { Operation } from '@setlist/polly';
import { Bell } from '../bell.ts';
import { FairOrder } from '../domain/fair-order.ts';
import type { Pace } from '../domain/pace.ts';
import type { Admission, Gate } from '../quota/gate.ts';
import { isChecked } from '../settle/check-lexicons.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { type Item, isOver, isPastDeadline, needsTask } from '../settle/item.ts';
import { payByCall } from '../settle/pay-by-call.ts';
import { payByTask } from '../settle/pay-by-task.ts';
import type { Paid, Turn } from '../settle/turn.ts';
import type { Payable } from './payables.ts';
import type { LaneSource } from './source.ts';

/** How many turns at once can look for what earlier claims left behind: each look costs requests of its own. */
const MOST_RECOVERING = 12;

export interface LaneRunnerOptions {
  readonly gate: Gate;
  readonly operation: Operation;
  /** Shared by the two runners of an engine. */
  readonly pace: Pace;
  /** Called with a failure that the service can't continue after: it drains. */
  readonly fail: (error: unknown) => void;
}

export class LaneRunner {
  readonly #deps: SettleDeps;
  readonly #gate: Gate;
  readonly #operation: Operation;
  readonly #pace: Pace;
  readonly #tell: LaneRunnerOptions['fail'];
  readonly #order = new FairOrder<LaneSource>();
  readonly #underWay = new Set<Promise<void>>();
  /** How many turns wait for a place among the calls in flight. */
  #admitting = 0;
  /** The admissions that are claiming their sound, or waiting for the moment of their call. */
  readonly #gettingReady = new Set<Admission>();
  /** The admissions that look for what an earlier claim left behind, which takes a while and may save the call. */
  readonly #recovering = new Set<Admission>();
  readonly #bell = new Bell();

  constructor(deps: SettleDeps, { gate, operation, pace, fail }: LaneRunnerOptions) {
    this.#deps = deps;
    this.#gate = gate;
    this.#operation = operation;
    this.#pace = pace;
    this.#tell = fail;
  }

  join(source: LaneSource, weight: number): void {
    this.#order.join(source, weight);
  }

  reweigh(source: LaneSource, weight: number): void {
    this.#order.reweigh(source, weight);
  }

  leave(source: LaneSource): void {
    this.#order.leave(source);
  }

  /** To be called when something may have become payable. */
  wake(): void {
    this.#bell.ring();
  }

  /** Runs until the service drains, then until every call in flight has ended. */
  async run(): Promise<void> {
    const { draining } = this.#deps;
    draining.addEventListener('abort', () => this.#bell.ring(), { once: true });
    while (!draining.aborted) {
      const backlog = this.#order.sum(this.#backlogs());
      if (backlog > this.#admitting && this.#mayGetReady()) this.#begin();
      else await this.#bell.rung();
    }
    await Promise.all(this.#underWay);
  }

  /** At the steady rate one turn at a time gets ready; in a burst several do, since getting ready takes a while. */
  #mayGetReady(): boolean {
    if (this.#recovering.size >= MOST_RECOVERING) return false;
    return this.#admitting + this.#gettingReady.size < 1 + this.#gate.spare();
  }

  /**
   * How many items each source has for this operation now. Tasks also take items that wait for a call, while they would
   * end no later than calls alone: so both paths end together, and no set waits for a task at its end.
   */
  #backlogs(): (source: LaneSource) => number {
    const own = (source: LaneSource): number => source.backlog(this.#operation);
    if (this.#operation !== 'task') return own;
    const shareOf = this.#order.shares((source) => source.backlog('synthesize') > 0);
    const now = performance.now();
    const isInTime = (source: LaneSource): boolean =>
      this.#pace.isTaskInTime({ ...source.waiting(), share: shareOf(source), now });
    return (source) => own(source) + (source.either() > 0 && isInTime(source) ? source.either() : 0);
  }

  #begin(): void {
    const under = this.#takeTurn()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#underWay.delete(under);
        this.#bell.ring();
      });
    this.#underWay.add(under);
  }

  /** A failing gate is not an item's fault: it ends the service. */
  #fail(error: unknown): void {
    if (!this.#deps.draining.aborted) this.#tell(error);
  }

  async #takeTurn(): Promise<void> {
    using admission = await this.#admit();
    try {
      await this.#use(admission);
    } finally {
      this.#isReady(admission);
    }
  }

  /** Lets the next turn start to get ready. */
  #isReady(admission: Admission): void {
    this.#gettingReady.delete(admission);
    this.#recovering.delete(admission);
    this.#bell.ring();
  }

  async #admit(): Promise<Admission> {
    this.#admitting++;
    const backlog = (): number => this.#order.sum(this.#backlogs());
    const { store, draining } = this.#deps;
    const line = this.#deps.lineOf(store);
    // A full store doesn't hold up tasks: their audio stays in the bucket.
    const isFull = (): boolean => this.#operation === 'synthesize' && line.isFull;
    try {
      for (;;) {
        await line.room(draining, isFull);
        const admission = await this.#gate.admit(draining, backlog);
        // The line may have filled up during the wait for admission.
        if (!isFull()) return admission;
        admission[Symbol.dispose]();
      }
    } finally {
      this.#admitting--;
    }
  }

  /** Uses one admission for the first item in fair order whose sound nobody else claims first. */
  async #use(admission: Admission): Promise<void> {
    for (let used = false; !used && !this.#deps.draining.aborted; ) {
      const backlogOf = this.#backlogs();
      const source = this.#order.next((candidate) => backlogOf(candidate) > 0);
      const payable = source?.next(this.#operation);
      if (!source || !payable) return;
      const { item, right } = payable;
      const isLate = isPastDeadline(this.#deps, item);
      if (isLate && isOver(this.#deps, item, right)) void source.look(item);
      else if (isLate || isChecked(this.#deps, item)) {
        if (isLate) this.#hasLateTurn(item);
        used = await this.#pay(source, this.#turnOf(source, payable, admission));
      } else {
        // Its lexicons are looked up outside of its turn: the admission goes to the next in order.
        this.#order.takeBack(source);
        void source.checkAgain(payable);
      }
    }
  }

  #hasLateTurn(item: Item): void {
    item.lateSince ??= performance.now();
    item.hadLateTurn = true;
  }

  #turnOf(source: LaneSource, { item, right }: Payable, admission: Admission): Turn {
    // The admission may have been used before, for an item whose sound another claimed first.
    this.#isReady(admission);
    const mayBeLeft = right.because === 'expired' || (right.lost && this.#operation === 'task');
    (mayBeLeft ? this.#recovering : this.#gettingReady).add(admission);
    const moment = async (): Promise<boolean> => {
      this.#recovering.delete(admission);
      this.#gettingReady.add(admission);
      try {
        return await admission.moment();
      } catch (error) {
        this.#fail(error);
        return false;
      } finally {
        this.#isReady(admission);
      }
    };
    const giveBack = (): void => {
      this.#isReady(admission);
      admission[Symbol.dispose]();
    };
    const held = { moment, [Symbol.dispose]: giveBack };
    const isWanted = (): boolean => source.goesOn;
    return {
      item,
      right,
      isWanted,
      taskEnded: this.#timeOf(item),
      operation: this.#operation,
      gate: this.#gate,
      admission: held,
    };
  }

  /** @returns whether the admission was used */
  async #pay(source: LaneSource, turn: Turn): Promise<boolean> {
    const pay = this.#operation === 'task' ? payByTask : payByCall;
    try {
      const paid = await pay(this.#deps, turn);
      this.#seen(paid);
      // Nothing was looked at: a copy of the item was quicker.
      if (paid.kind === 'outrun') turn.item.hadLateTurn = false;
      if (paid.kind === 'settled') source.settled(turn.item);
      else void source.look(turn.item, paid.kind === 'again' ? paid.inMs : 0);
      return paid.kind !== 'outrun';
    } catch (error) {
      await source.trouble(turn.item, error);
      return true;
    }
  }

  #seen(paid: Paid): void {
    const now = performance.now();
    if (this.#operation === 'synthesize') {
      if (paid.kind === 'settled') this.#pace.callEnded(now, this.#order.sum(this.#backlogs()) > 0);
    } else if (paid.kind === 'again' && paid.tasksRefused) this.#pace.taskRefused(now);
  }

  /** Times the item's task, from now until the returned function is called. */
  #timeOf(item: Item): () => void {
    const begun = performance.now();
    return () => {
      const now = performance.now();
      this.#pace.taskEnded(now, now - begun, needsTask(item));
    };
  }
}
