/** A token that this replica has: kept by signs of life, and given back only while it is certain to be ours. */
import { type JsMsg, NatsError } from 'nats';
import type { Connection } from '../connection/connection.ts';

/** How long a silent holder keeps its permit, in ms. */
export const PERMIT_LEASE_MS = 2_000;
const KEEP_ALIVE_MS = 600;
/** What lies between the broker's clock starting on a token and ours: the way, and a busy process. */
const LEASE_MARGIN_MS = 400;
const IN_PROGRESS = '+WPI';

/** The client leaves the subject that a message is answered on out of its published type. */
type WithReply = JsMsg & { readonly reply: string };

export class HeldToken implements Disposable {
  readonly #connection: Connection;
  readonly #onEnd: () => void;
  readonly #since = performance.now();
  readonly #alive: NodeJS.Timeout;
  #message: JsMsg;
  /** Until then the token is ours for certain, on this process's steady clock. */
  #oursUntil = 0;
  #ended = false;

  constructor(connection: Connection, message: JsMsg, onEnd: () => void) {
    this.#connection = connection;
    this.#message = message;
    this.#onEnd = onEnd;
    this.#alive = setInterval(() => void this.#signOfLife(), KEEP_ALIVE_MS);
    this.keep(message);
  }

  /** The token has come (back): its lease begins anew. */
  keep(message: JsMsg): void {
    this.#message = message;
    this.#oursSince(performance.now());
  }

  /**
   * The broker takes a token that is given back for free, whoever holds it by then. So one whose lease may have run out
   * is left alone: it has gone on to another, or is on its way to be handed out.
   */
  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#alive);
    this.#onEnd();
    if (this.isOurs) this.#message.nak();
  }

  /** Whether its lease has certainly not run out. */
  get isOurs(): boolean {
    return performance.now() < this.#oursUntil;
  }

  /** How long it has been here, in ms. */
  get heldForMs(): number {
    return performance.now() - this.#since;
  }

  #oursSince(asked: number): void {
    this.#oursUntil = asked + PERMIT_LEASE_MS - LEASE_MARGIN_MS;
  }

  /** A sign of life for a token that has gone on would keep it from others who wait for it. */
  async #signOfLife(): Promise<void> {
    if (!this.isOurs) return;
    const message = this.#message;
    const asked = performance.now();
    try {
      const { reply } = message as WithReply;
      await this.#connection.nc.request(reply, IN_PROGRESS, { timeout: PERMIT_LEASE_MS });
      if (this.#message === message) this.#oursSince(asked);
    } catch (error) {
      // Unanswered, the lease runs on from the last answer.
      if (!(error instanceof NatsError)) throw error;
    }
  }
}
