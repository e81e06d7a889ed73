/** Watches one open run and later ones that may write the same files, and gives each file to its owner. */
import { hash } from 'node:crypto';
import { namesItsAudio, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { type Logger, settlesWithin, sleep } from '@setlist/runtime';
import { copyBetween, type ObjectStore, StoreError } from '@setlist/storage';
import { type Completion, type Contest, FileOwners, type RunPlace } from '../domain/file-owners.ts';
import type { SoundLedger } from '../ledger/sound-ledger.ts';
import { describedAs } from './described-as.ts';

export interface WatchDeps {
  readonly log: Pick<EventLog, 'follow' | 'last'>;
  readonly ledger: Pick<SoundLedger, 'past'>;
  readonly logger: Logger;
  /** The canonical store. */
  readonly store: ObjectStore;
  outputOf(uri: string): ObjectStore;
}

const LOOK_EVERY_MS = 20;
/** How long closing waits to process what the log holds already, in ms. */
const PATIENCE_MS = 5_000;

const outcomesOf = (setId: string): string => subjects.outcome(setId, '*', '*', '*');

/** The reading of one run's outcomes. */
interface Reading {
  /** How often the run was joined. */
  joined: number;
  /** Sequence of the last outcome read. */
  seenSeq: number;
  readonly stop: AbortController;
  done: Promise<void>;
}

export class Watch {
  readonly run: RunPlace;
  readonly #deps: WatchDeps;
  readonly #owners = new FileOwners();
  /** By set. */
  readonly #readings = new Map<string, Reading>();
  readonly #closing = new AbortController();
  /** The last check of a file: checks run one after another, so that none undoes another. */
  #step: Promise<void> = Promise.resolve();

  constructor(deps: WatchDeps, run: RunPlace) {
    this.#deps = deps;
    this.run = run;
    this.join(run);
  }

  join({ setId, acceptedSeq }: RunPlace): void {
    const known = this.#readings.get(setId);
    if (known) {
      known.joined++;
      return;
    }
    const stop = new AbortController();
    const reading: Reading = { joined: 1, seenSeq: 0, stop, done: Promise.resolve() };
    this.#readings.set(setId, reading);
    reading.done = this.#read(setId, acceptedSeq, reading).catch((error: unknown) =>
      this.#deps.logger.error({ set: setId, err: error }, 'could not follow the outcomes of a run'),
    );
  }

  /** Reads a later run that has ended to its end, then stops following it, unless it was joined again meanwhile. */
  async leave(setId: string): Promise<void> {
    const reading = this.#readings.get(setId);
    if (!reading || setId === this.run.setId) return;
    const { joined } = reading;
    await this.#catchUp(setId, reading);
    if (reading.joined !== joined) return;
    this.#readings.delete(setId);
    reading.stop.abort();
    await reading.done;
  }

  /** Whether a later run has completed the file: then this run leaves it alone. */
  isTaken(file: string): boolean {
    return this.#owners.isTaken(file, this.run.acceptedSeq);
  }

  /** Processes everything that the log holds by now, then stops. */
  async close(): Promise<void> {
    const readings = [...this.#readings];
    const caughtUp = Promise.all(readings.map(([setId, reading]) => this.#catchUp(setId, reading)));
    await settlesWithin(PATIENCE_MS, caughtUp).catch(() => undefined);
    this.#closing.abort();
    await Promise.all(readings.map(([, { done }]) => done));
    await this.#step;
  }

  async #catchUp(setId: string, reading: Reading): Promise<void> {
    const due = (await this.#deps.log.last(outcomesOf(setId)))?.seq ?? 0;
    while (reading.seenSeq < due) await sleep(LOOK_EVERY_MS, this.#closing.signal);
  }

  async #read(setId: string, acceptedSeq: number, reading: Reading): Promise<void> {
    const outcomes = { subjects: [outcomesOf(setId)], from: acceptedSeq };
    const signal = AbortSignal.any([this.#closing.signal, reading.stop.signal]);
    for await (const record of this.#deps.log.follow(outcomes, signal)) {
      this.#note({ set: setId, acceptedSeq }, record);
      reading.seenSeq = record.seq;
    }
  }

  #note(run: Pick<Completion, 'set' | 'acceptedSeq'>, { event }: Recorded): void {
    if (event?.name !== 'ItemCompleted') return;
    const { file, index, hash, sha256 } = event.data;
    const contest = this.#owners.completed(file, { ...run, index, hash, sha256 });
    if (contest) this.#step = this.#step.then(() => this.#giveToOwner(contest));
  }

  /** Replaces only the other run's exact audio: a file that is gone, or that a user has changed, is left alone. */
  async #giveToOwner({ file, owner, other }: Contest): Promise<void> {
    const { store, ledger, logger, outputOf } = this.#deps;
    const output = outputOf(this.run.output);
    try {
      if (hash('sha256', await output.get(file)) !== other.sha256) return;
      const { payments } = await ledger.past(owner.hash);
      const paid = payments.findLast((each) => each.sha256 === owner.sha256 && namesItsAudio(each));
      if (!paid) throw new Error(`no payment for ${owner.hash} has the audio ${owner.sha256}`);
      const terms = { ...describedAs(owner, paid), sha256: paid.sha256 };
      await copyBetween({ store, key: paid.object }, { store: output, key: file }, terms);
      logger.info({ set: owner.set, file, hash: owner.hash }, 'gave a file back to the run accepted last');
    } catch (error) {
      if (error instanceof StoreError && error.code === 'not-found') return;
      const remedy = 'Run the newest set file again: its audio is put in place without paying again.';
      logger.warn(
        { set: owner.set, file, remedy, err: error },
        'could not give a file to the run accepted last',
      );
    }
  }
}
