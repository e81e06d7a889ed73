/** Pays, for one operation of one engine: whenever the gate admits a call, the next set in fair order gets it. */
import type { Operation } from '@setlist/polly';
import { FairOrder } from '../domain/fair-order.ts';
import type { Admission, Gate } from '../quota/gate.ts';
import type { Desk } from '../settle/desk.ts';
import { payByCall, type Turn } from '../settle/pay.ts';
import { payByTask } from '../settle/pay-by-task.ts';
import type { LaneSource } from './source.ts';

export class LaneRunner {
  readonly #desk: Desk;
  readonly #gate: Gate;
  readonly #operation: Operation;
  readonly #order = new FairOrder<LaneSource>();
  readonly #underWay = new Set<Promise<void>>();
  #wake: () => void = () => undefined;

  constructor(desk: Desk, gate: Gate, operation: Operation) {
    this.#desk = desk;
    this.#gate = gate;
    this.#operation = operation;
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

  /** Something may have become payable. */
  wake(): void {
    this.#wake();
  }

  /** Runs until the service drains, then until every call under way has ended. */
  async run(): Promise<void> {
    const { draining } = this.#desk;
    draining.addEventListener('abort', () => this.#wake(), { once: true });
    while (!draining.aborted) {
      const backlog = this.#order.sum((source) => source.backlog(this.#operation));
      if (backlog === 0) await this.#woken();
      else await this.#admit(backlog);
    }
    await Promise.all(this.#underWay);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #admit(backlog: number): Promise<void> {
    const { draining } = this.#desk;
    let admission: Admission;
    try {
      admission = await this.#gate.admit(draining, backlog);
    } catch (error) {
      if (draining.aborted) return;
      throw error;
    }
    const using = this.#use(admission).finally(() => this.#underWay.delete(using));
    this.#underWay.add(using);
  }

  /** Uses one admission: for the first item in fair order whose sound nobody else was quicker to claim. */
  async #use(admission: Admission): Promise<void> {
    using held = admission;
    for (let used = false; !used && !this.#desk.draining.aborted; ) {
      const source = this.#order.next((candidate) => candidate.backlog(this.#operation) > 0);
      const payable = source?.next(this.#operation);
      if (!source || !payable) return;
      used = await this.#pay(source, { ...payable, gate: this.#gate, admission: held });
    }
  }

  /** @returns whether the admission was used */
  async #pay(source: LaneSource, turn: Turn): Promise<boolean> {
    const pay = this.#operation === 'task' ? payByTask : payByCall;
    try {
      const paid = await pay(this.#desk, turn);
      if (paid.kind === 'settled') source.settled(turn.item);
      else void source.look(turn.item, paid.kind === 'again' ? paid.inMs : 0);
      return paid.kind !== 'outrun';
    } catch (error) {
      await source.trouble(turn.item, error);
      return true;
    }
  }
}
