/** A token that this replica holds: kept by heartbeats, and given back only while the lease certainly lasts. */
import { type JsMsg, NatsError } from 'nats';
import type { Connection } from '../connection/connection.ts';

/** How long a silent holder keeps its permit, in ms. */
export const PERMIT_LEASE_MS = 2_000;
const KEEP_ALIVE_MS = 600;
/** In ms. Allows for the delay until this process notices that the lease has started: network and a busy process. */
const LEASE_MARGIN_MS = 400;
const IN_PROGRESS = '+WPI';

/** The client's published type omits the message's reply subject. */
type WithReply = JsMsg & { readonly reply: string };

export class HeldToken implements Disposable {
  readonly #connection: Connection;
  readonly #onEnd: () => void;
  readonly #since = performance.now();
  readonly #alive: NodeJS.Timeout;
  #message: JsMsg;
  /** Until then the lease certainly lasts, by this process's monotonic clock: an answer by then has renewed it. */
  #lastsUntil = 0;
  /** Until then the token can be given back, since that takes a moment to arrive. */
  #oursUntil = 0;
  #ended = false;

  constructor(connection: Connection, message: JsMsg, onEnd: () => void) {
    this.#connection = connection;
    this.#message = message;
    this.#onEnd = onEnd;
    this.#alive = setInterval(() => void this.#signOfLife(), KEEP_ALIVE_MS);
    this.keep(message);
  }

  /** Starts the lease over: the broker delivered the token, or redelivered it. */
  keep(message: JsMsg): void {
    this.#message = message;
    this.#lastsUntil = performance.now() + PERMIT_LEASE_MS - LEASE_MARGIN_MS;
    this.#oursUntil = this.#lastsUntil;
  }

  /**
   * Gives the token back. The broker frees a token even if it has since passed to another holder. So a token whose
   * lease may have expired is left alone: another holder has it, or it is about to be handed out.
   */
  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#alive);
    this.#onEnd();
    if (this.isOurs) this.#message.nak();
  }

  /** Whether its lease has certainly not expired. */
  get isOurs(): boolean {
    return performance.now() < this.#oursUntil;
  }

  /** How long this replica has held it, in ms. */
  get heldForMs(): number {
    return performance.now() - this.#since;
  }

  /** Renews the lease, unless it may have expired: that would keep the token from others that wait for it. */
  async #signOfLife(): Promise<void> {
    if (!this.isOurs) return;
    const message = this.#message;
    const asked = performance.now();
    try {
      const { reply } = message as WithReply;
      await this.#connection.nc.request(reply, IN_PROGRESS, { timeout: PERMIT_LEASE_MS });
      if (this.#message !== message || performance.now() >= this.#lastsUntil) return;
      this.#lastsUntil = asked + PERMIT_LEASE_MS;
      this.#oursUntil = this.#lastsUntil - LEASE_MARGIN_MS;
    } catch (error) {
      // Without an answer, the lease still counts from the last one.
      if (!(error instanceof NatsError)) throw error;
    }
  }
}
