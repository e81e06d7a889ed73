/** Pays, for one operation of one engine: whenever the gate admits a call, the next set in fair order gets it. */
import type { Operation } from '@setlist/polly';
import { FairOrder } from '../domain/fair-order.ts';
import type { Gate } from '../quota/gate.ts';
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
      if (!this.#order.some((source) => source.has(this.#operation))) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      try {
        await this.#turn();
      } catch (error) {
        if (!draining.aborted) throw error;
      }
    }
    await Promise.all(this.#underWay);
  }

  async #turn(): Promise<void> {
    const admission = await this.#gate.admit(this.#desk.draining);
    const source = this.#order.next((candidate) => candidate.has(this.#operation));
    const payable = source?.next(this.#operation);
    if (!source || !payable) {
      admission[Symbol.dispose]();
      return;
    }
    const paying = this.#pay(source, { ...payable, gate: this.#gate, admission }).finally(() =>
      this.#underWay.delete(paying),
    );
    this.#underWay.add(paying);
  }

  async #pay(source: LaneSource, turn: Turn): Promise<void> {
    const pay = this.#operation === 'task' ? payByTask : payByCall;
    try {
      const paid = await pay(this.#desk, turn);
      if (paid.kind === 'settled') source.settled(turn.item);
      else void source.look(turn.item, paid.inMs);
    } catch (error) {
      await source.trouble(turn.item, error);
    }
  }
}
