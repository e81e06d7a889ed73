/** Holds a drop for one replica while it works on it, so that others leave it alone until it is done, or dead. */
import { randomUUID } from 'node:crypto';
import { claimKey, replicaSubject } from '@setlist/contracts';
import { type EventLog, NobodyAnswers } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';

const LEASE_MS = 30_000;
/** A replica that is frozen, or cut off, does not answer within this; its lease then runs out. */
const ANSWER_WITHIN_MS = 1_000;

interface Holding {
  readonly by: string;
  /** On the broker's clock, in ms since 1970. */
  readonly untilMs: number;
}

/** How a drop is called in the log. */
interface Held {
  readonly run: string;
  readonly fileName: string;
}

export interface LeaseDeps {
  readonly log: Pick<EventLog, 'quota' | 'clock' | 'ask' | 'answer'>;
  readonly logger: Logger;
}

/** The leases of one replica. Until it is disposed of it answers for them: that nobody does shows others that it died. */
export class Leases implements AsyncDisposable {
  readonly #deps: LeaseDeps;
  /** Tells this replica from all others. */
  readonly #replica = randomUUID();
  readonly #answering: AsyncDisposable;

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
    this.#answering = deps.log.answer(
      replicaSubject(this.#replica),
      async () => ({}),
      (error) =>
        deps.logger.debug({ event: 'not-answered', err: error }, 'others may take this one for dead'),
    );
  }

  /**
   * The lease, to be disposed of when the work is done; nothing where another replica has it. It spares work and is no
   * lock: whoever was frozen for longer than it lasts goes on, so what is done under it must bear being done twice.
   *
   * @param name see `dropName`
   */
  async hold(name: string, held: Held): Promise<AsyncDisposable | undefined> {
    const { quota } = this.#deps.log;
    const key = claimKey(name);
    const there = await quota.get<Holding>(key);
    if (there && (await this.#isHeld(there.value))) return undefined;
    let revision = await this.#write(key, there?.revision ?? 0);
    if (revision === undefined) return undefined;
    const renew = async (): Promise<void> => {
      if (revision === undefined) return;
      revision = await this.#write(key, revision);
      if (revision === undefined) this.#sayTaken(held);
    };
    let renewing: Promise<void> = Promise.resolve();
    const timer = setInterval(() => {
      renewing = renewing.then(renew).catch((error: unknown) => this.#sayNotRenewed(held, error));
    }, LEASE_MS / 3).unref();
    return {
      async [Symbol.asyncDispose]() {
        clearInterval(timer);
        await renewing;
        // Where that fails, it runs out by itself.
        if (revision !== undefined) await quota.delete(key).catch(() => undefined);
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

  /** The new revision; nothing where another replica was faster. */
  async #write(key: string, revision: number): Promise<number | undefined> {
    const { quota, clock } = this.#deps.log;
    const holding: Holding = { by: this.#replica, untilMs: clock.now() + LEASE_MS };
    const written = await quota.replace(key, holding, revision);
    if (written !== undefined) return written;
    // The broker may have had ours, and its answer been lost.
    const there = await quota.get<Holding>(key);
    return there?.value.by === this.#replica ? there.revision : undefined;
  }

  #sayNotRenewed({ run, fileName }: Held, error: unknown): void {
    const entry = { event: 'claim-not-renewed', run, file: fileName, err: error };
    this.#deps.logger.warn(entry, `${fileName} can't be held on to: another replica may take it over`);
  }

  #sayTaken({ run, fileName }: Held): void {
    const entry = { event: 'claim-taken-over', run, file: fileName };
    this.#deps.logger.warn(entry, `${fileName} was taken over by another replica: the log decides`);
  }
}
