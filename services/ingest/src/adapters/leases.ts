/** Leases a drop to one replica, so that others leave it alone until that replica is done or dead. */
import { randomUUID } from 'node:crypto';
import { dropLeaseKey, replicaSubject } from '@setlist/contracts';
import { BrokerUnavailable, type EventLog, NobodyAnswers } from '@setlist/eventlog';
import { type Logger, settlesWithin } from '@setlist/runtime';

const LEASE_MS = 30_000;
/** How long a holder has to answer, in ms. One that is frozen or cut off does not; its lease then has to run out. */
const ANSWER_WITHIN_MS = 1_000;

interface Holding {
  readonly by: string;
  /** On the broker's clock, in ms since 1970. */
  readonly untilMs: number;
}

/** What names a drop in log lines. */
interface Held {
  readonly run: string;
  readonly fileName: string;
}

export interface LeaseDeps {
  readonly log: Pick<EventLog, 'coordination' | 'clock' | 'ask' | 'answer' | 'trouble'>;
  readonly logger: Logger;
  /** How long a lease lasts without a renewal, in ms; 30 s if not given. */
  readonly leaseMs?: number;
}

/** The leases of one replica, which answers for them until disposed of: if nobody answers, others know that it died. */
export class Leases implements AsyncDisposable {
  readonly #deps: LeaseDeps;
  /** Tells this replica from all others. */
  readonly #replica = randomUUID();
  readonly #leaseMs: number;
  /** How often a lease is renewed, and how long the broker may take to answer before the log says so, in ms. */
  readonly #renewEveryMs: number;
  readonly #answering: AsyncDisposable;

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
    this.#leaseMs = deps.leaseMs ?? LEASE_MS;
    this.#renewEveryMs = this.#leaseMs / 3;
    this.#answering = deps.log.answer(
      replicaSubject(this.#replica),
      async () => ({}),
      (error) =>
        deps.logger.debug(
          { event: 'not-answered', err: error },
          'other replicas may believe that this one is dead',
        ),
    );
  }

  /**
   * The lease, to be disposed of when the work is done; undefined if another replica holds it. It saves work but is not
   * a lock: a replica that was frozen for longer than its lease continues, so work under a lease must be idempotent.
   *
   * @param name see `dropName`
   */
  async hold(name: string, held: Held): Promise<AsyncDisposable | undefined> {
    const holding = this.#hold(name, held);
    if (!(await settlesWithin(this.#renewEveryMs, holding))) this.#sayWaits(held);
    return await holding;
  }

  async #hold(name: string, held: Held): Promise<AsyncDisposable | undefined> {
    const { coordination } = this.#deps.log;
    const key = dropLeaseKey(name);
    const there = await coordination.get<Holding>(key);
    if (there && (await this.#isHeld(there.value))) return undefined;
    let revision = await this.#write(key, there?.revision ?? 0);
    if (revision === undefined) return undefined;
    const renew = async (): Promise<void> => {
      if (revision === undefined) return;
      revision = await this.#write(key, revision);
      if (revision === undefined) this.#sayTaken(held);
    };
    let renewal: Promise<void> | undefined;
    const timer = setInterval(() => {
      renewal ??= this.#renewed(renew(), held).finally(() => {
        renewal = undefined;
      });
    }, this.#renewEveryMs).unref();
    const release = async (): Promise<void> => {
      await renewal;
      // The revision keeps a late release from deleting the lease of the next holder.
      if (revision !== undefined) await coordination.delete(key, revision);
    };
    const withinMs = this.#renewEveryMs;
    return {
      async [Symbol.asyncDispose]() {
        clearInterval(timer);
        // If this fails or the broker doesn't answer, the lease runs out on its own.
        await settlesWithin(withinMs, release()).catch(() => undefined);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#answering[Symbol.asyncDispose]();
  }

  async #isHeld({ by, untilMs }: Holding): Promise<boolean> {
    const { log } = this.#deps;
    if (by === this.#replica || untilMs <= log.clock.now()) return false;
    try {
      await log.ask(replicaSubject(by), {}, ANSWER_WITHIN_MS);
    } catch (error) {
      if (error instanceof NobodyAnswers) return false;
    }
    return true;
  }

  /** The new revision; undefined if another replica was faster. */
  async #write(key: string, revision: number): Promise<number | undefined> {
    const { coordination, clock } = this.#deps.log;
    const holding: Holding = { by: this.#replica, untilMs: clock.now() + this.#leaseMs };
    const written = await coordination.replace(key, holding, revision);
    if (written !== undefined) return written;
    // The broker may have taken this replica's write, and only the answer was lost.
    const there = await coordination.get<Holding>(key);
    return there?.value.by === this.#replica ? there.revision : undefined;
  }

  /** Waits for a renewal, and logs when it fails or is not answered in time. */
  async #renewed(renewal: Promise<void>, held: Held): Promise<void> {
    try {
      if (!(await settlesWithin(this.#renewEveryMs, renewal))) this.#sayNotRenewed(held, this.#trouble());
      await renewal;
    } catch (error) {
      this.#sayNotRenewed(held, error);
    }
  }

  #trouble(): BrokerUnavailable {
    return (
      this.#deps.log.trouble() ?? new BrokerUnavailable('the broker does not answer', { cause: undefined })
    );
  }

  #sayWaits({ run, fileName }: Held): void {
    const error = this.#trouble();
    const entry = { event: 'set-file-waits', run, file: fileName, remedy: error.remedy, err: error };
    this.#deps.logger.warn(entry, `${fileName} waits: ${error.message}`);
  }

  #sayNotRenewed({ run, fileName }: Held, error: unknown): void {
    const entry = { event: 'claim-not-renewed', run, file: fileName, err: error };
    this.#deps.logger.warn(
      entry,
      `the lease on ${fileName} can't be renewed: another replica may take it over`,
    );
  }

  #sayTaken({ run, fileName }: Held): void {
    const entry = { event: 'claim-taken-over', run, file: fileName };
    this.#deps.logger.warn(entry, `${fileName} was taken over by another replica: the log decides`);
  }
}
