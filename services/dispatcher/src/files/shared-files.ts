/** Knows which open runs share files with runs that were accepted later, and has those files watched. */
import { type EventOf, mayShareFiles, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import type { RunPlace } from '../domain/file-owners.ts';
import { Watch, type WatchDeps } from './watch.ts';

export interface SharedFilesDeps extends WatchDeps {
  readonly log: Pick<EventLog, 'follow' | 'last' | 'first' | 'read'>;
}

export class SharedFiles {
  readonly #deps: SharedFilesDeps;
  readonly #open = new Map<string, RunPlace>();
  /** Of open runs alone that have such company: most sets never need one. */
  readonly #watches = new Map<string, Watch>();

  /** The last look into the log for a set that is not open here. */
  #lookUps: Promise<void> = Promise.resolve();

  constructor(deps: SharedFilesDeps) {
    this.#deps = deps;
  }

  /** Whether the file belongs to a run that was accepted later, and has completed it. */
  isTaken(setId: string, file: string): boolean {
    return this.#watches.get(setId)?.isTaken(file) ?? false;
  }

  /**
   * A run is open here. One whose life has gone on since its acceptance may have company that nobody here has seen.
   * @param seenSeq the last event of its life that is known
   */
  async opened(run: RunPlace, seenSeq: number): Promise<void> {
    this.#open.set(run.setId, run);
    if (seenSeq === run.acceptedSeq) return;
    const later = { subjects: [subjects.state('*')], from: run.acceptedSeq + 1 };
    const completed = new Set<string>();
    for await (const { event, seq } of this.#deps.log.read(later)) {
      if (event?.name === 'SetAccepted') this.#meet(run, placeOf(event, seq));
      if (event?.name === 'SetCompleted' && event.setId !== undefined) completed.add(event.setId);
    }
    for (const setId of completed) await this.#leaveCompleted(setId);
  }

  /**
   * Something was said of the life of a set that was not known here: it may be a later run, even one that has ended.
   * Where that has to be looked up, nobody waits for it: what is written meanwhile is looked at again.
   */
  seen({ event, seq }: Recorded): void {
    if (event?.setId === undefined || this.#open.size === 0) return;
    const { setId } = event;
    if (event.name === 'SetAccepted') this.#meetAll(placeOf(event, seq));
    else this.#lookUps = this.#lookUps.then(() => this.#lookUp(setId));
  }

  /** The run writes nothing further from here, unless a retry has opened it again. */
  async ended(run: RunPlace): Promise<void> {
    if (this.#open.get(run.setId) !== run) return;
    this.#open.delete(run.setId);
    const watch = this.#watches.get(run.setId);
    this.#watches.delete(run.setId);
    await watch?.close();
    this.#lookUps = this.#lookUps.then(() => this.#leaveCompleted(run.setId));
  }

  #meet(run: RunPlace, later: RunPlace): void {
    if (later.acceptedSeq <= run.acceptedSeq || !mayShareFiles(run, later)) return;
    const watch = this.#watches.get(run.setId) ?? new Watch(this.#deps, run);
    this.#watches.set(run.setId, watch);
    watch.join(later);
  }

  #meetAll(later: RunPlace): void {
    for (const run of this.#open.values()) this.#meet(run, later);
  }

  async #lookUp(setId: string): Promise<void> {
    try {
      const first = await this.#deps.log.first(subjects.state(setId));
      if (first?.event?.name === 'SetAccepted') this.#meetAll(placeOf(first.event, first.seq));
      await this.#leaveCompleted(setId);
    } catch (error) {
      this.#deps.logger.warn({ set: setId, err: error }, 'where a set’s files land could not be looked up');
    }
  }

  /** All its outcomes are in the log. After a cancellation those of what was under way are yet to come. */
  async #leaveCompleted(setId: string): Promise<void> {
    try {
      if (this.#watches.size === 0) return;
      if ((await this.#deps.log.last(subjects.state(setId)))?.event?.name !== 'SetCompleted') return;
      for (const watch of this.#watches.values()) void watch.leave(setId).catch(() => undefined);
    } catch (error) {
      this.#deps.logger.warn(
        { set: setId, err: error },
        'whether a later run has ended could not be looked up',
      );
    }
  }
}

const placeOf = ({ setId = '', data }: EventOf<'SetAccepted'>, acceptedSeq: number): RunPlace => ({
  setId,
  output: data.output,
  prefix: data.prefix,
  acceptedSeq,
});
